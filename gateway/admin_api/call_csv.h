#ifndef GATEWAY_ADMIN_API_CALL_CSV_H
#define GATEWAY_ADMIN_API_CALL_CSV_H

/* Calls as rows of a table, for the export of the admin API and of the subcommand. */

#include "base/csv.h"
#include "gateway/model/call.h"

/* The names of the columns, and the end of their line. */
extern const char CALL_CSV_HEADER[];
/* One row; what the caller wrote before stands in front. */
void call_csv_write(struct csv_writer *w, const struct call_record *call);

#endif
