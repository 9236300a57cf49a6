#include "gateway/admin_api/call_csv.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/admin_api/call_fields.h"

enum { TIME_SIZE = 32 };

/* Of every time it is said that it is UTC; a spreadsheet knows this form as a time. */
const char CALL_CSV_HEADER[] =
    "callSerialNo,type,state,outcome,caller,called,xNumber,calledDisplay,agentWorkNo,"
    "createdAt UTC,outcomeAt UTC,startAt UTC,callerAnsweredAt UTC,calledAnsweredAt UTC,"
    "finishedAt UTC,endedAt UTC,durationS,code,cause,callId,callData,traceId\r\n";

static void write_time(struct csv_writer *w, int64_t wall_ms)
{
    char text[TIME_SIZE];
    struct buf time;
    buf_init_fixed(&time, text, sizeof(text));
    if (wall_ms != 0) {
        clock_append_rfc3339(&time, wall_ms);
        text[10] = ' '; /* for the 'T' */
        time.len--;     /* the 'Z' */
    }
    csv_write_str(w, buf_str(&time));
}

static void write_number(struct csv_writer *w, int64_t value)
{
    if (value < 0)
        csv_write_text(w, NULL);
    else
        csv_write_u64(w, (uint64_t)value);
}

void call_csv_write(struct csv_writer *w, const struct call_record *call)
{
    const int64_t times[] = {call->created_ms,       call->outcome_ms,       call->start_ms,
                             call->caller_answer_ms, call->called_answer_ms, call->finish_ms,
                             call->ended_ms};
    write_number(w, call->serial);
    csv_write_text(w, call_type_text(call->type));
    csv_write_text(w, call_state_text(call->state));
    csv_write_text(w, call_outcome_text(call->outcome));
    csv_write_str(w, call->caller);
    csv_write_str(w, call->called);
    csv_write_str(w, call->tel_x);
    csv_write_str(w, call->called_display);
    write_number(w, call->agent_work_no);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        write_time(w, times[i]);
    write_number(w, call->duration_s);
    csv_write_str(w, call->code);
    write_number(w, call->reason_code);
    csv_write_str(w, call->call_id);
    csv_write_str(w, call->call_data);
    csv_write_text(w, trace_id_text(&call->trace).text);
    csv_end_line(w);
}
