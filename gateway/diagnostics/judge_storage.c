#include "gateway/diagnostics/judge_storage.h"

#include <string.h>

#include "base/clock.h"

#define MIB (INT64_C(1024) * 1024)

/* --- Files --- */

static void add_file(struct diagnosis_step *step, const struct machine_file *file)
{
    const char *separator = step->text.en[0] == '\0' ? "" : "; ";
    if (file->error != 0)
        diagnosis_add(&step->text, "%s%s %s: %s", "%s%s %s：%s", separator, file->option,
                      file->path, strerror(file->error));
    else
        diagnosis_add(&step->text, "%s%s %s is open to others", "%s%s %s 对其他用户可访问",
                      separator, file->option, file->path);
    separator = step->remedy.en[0] == '\0' ? "" : "; ";
    if (separator[0] == '\0')
        diagnosis_say(&step->remedy, "Run: ", "请执行：");
    diagnosis_add(&step->remedy, "%schmod %o %s", "%schmod %o %s", separator, file->mode,
                  file->path);
}

void judge_files(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    bool is_missing = false;
    step->result = DIAGNOSIS_OK;
    for (int i = 0; i < MACHINE_FILE_COUNT; i++) {
        const struct machine_file *file = &facts->machine.files[i];
        if (file->path == NULL || (file->error == 0 && !file->is_open_to_others))
            continue;
        is_missing = is_missing || file->error != 0;
        step->result = DIAGNOSIS_FAILED;
        add_file(step, file);
    }
    if (step->result == DIAGNOSIS_OK) {
        diagnosis_say(&step->text, "Database, keys: for their owner only.",
                      "数据库与密钥：仅所有者可访问。");
        return;
    }
    diagnosis_add(&step->text, ".", "。");
    if (is_missing)
        diagnosis_say(
            &step->remedy,
            "Correct the path in the configuration, or restore the file from the backup; "
            "run this as the daemon's user or as root.",
            "请更正配置中的路径，或从备份恢复该文件；请以守护进程用户或 root 运行本命令。");
    else
        diagnosis_say(
            &step->cause,
            "Others on this machine may read secrets or calls; the master key must then be "
            "taken for known.",
            "本机其他用户可读取密钥或通话数据；主密钥应视为已泄露。");
}

/* --- Database --- */

enum { FREE_FAILED_MIB = 64, FREE_WARNING_MIB = 1024, LOG_WARNING_MIB = 256 };

enum { UNSYNCED_WARNING_MS = 1000, UNSYNCED_FAILED_MS = 5000 };

/* Nobody is answered before his call or CDR is on disk, and agents' systems wait ten seconds or so.
 */
static void judge_unsynced(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    if (facts->gateway == NULL)
        return;
    diagnosis_add(&step->text, " Oldest write that is not on disk yet: %lld ms.",
                  "最早的未落盘写入：%lld 毫秒。", (long long)facts->unsynced_ms);
    if (facts->unsynced_ms < UNSYNCED_WARNING_MS)
        return;
    bool is_failing = step->result == DIAGNOSIS_FAILED || facts->unsynced_ms >= UNSYNCED_FAILED_MS;
    step->result = is_failing ? DIAGNOSIS_FAILED : DIAGNOSIS_WARNING;
    diagnosis_say(
        &step->cause,
        "The disk is slow or stuck, or another program holds the database: calls and CDRs "
        "wait.",
        "磁盘缓慢或卡住，或有其他程序占用数据库：呼叫和话单都在等待。");
    diagnosis_say(
        &step->remedy,
        "See `iostat -x 1` and the kernel's log (`dmesg`), and who has the file open "
        "(`fuser FILE`).",
        "请查看 `iostat -x 1`、内核日志（`dmesg`），以及占用该文件的程序（`fuser FILE`）。");
}

static void judge_room(const struct store_health *store, struct diagnosis_step *step)
{
    int64_t free_mib = store->free_bytes / MIB, log_mib = store->log_bytes / MIB;
    if (free_mib < FREE_WARNING_MIB) {
        step->result = free_mib < FREE_FAILED_MIB ? DIAGNOSIS_FAILED : DIAGNOSIS_WARNING;
        if (free_mib == 0)
            diagnosis_say(
                &step->cause,
                "The disk is full: no call can be placed (500), no CDR is taken (500: the "
                "ITA sends it again).",
                "磁盘已满：无法发起呼叫（500），也无法接收话单（500，ITA 会重发）。");
        else
            diagnosis_say(&step->cause,
                          "The disk is nearly full: then no call and no CDR can be stored.",
                          "磁盘将满：届时呼叫和话单都无法保存。");
        diagnosis_say(&step->remedy, "Make room on the file system of the database.",
                      "请释放数据库所在文件系统的空间。");
    } else if (log_mib > LOG_WARNING_MIB) {
        step->result = DIAGNOSIS_WARNING;
        diagnosis_say(&step->cause,
                      "Some program has been reading the database for long and keeps the log from "
                      "being moved.",
                      "有程序长时间读取数据库，预写日志无法合并。");
        diagnosis_say(&step->remedy,
                      "End whatever has the file open (`fuser FILE`), or restart the daemon.",
                      "请结束占用该文件的程序（`fuser FILE`），或重启守护进程。");
    }
}

void judge_database(const struct gateway_facts *facts, struct diagnosis_step *step)
{
    const struct store_health *store = &facts->store;
    char written[32] = "";
    struct buf text;
    step->duration_ms = facts->store_ms;
    if (facts->store_status != OK) {
        step->result = DIAGNOSIS_FAILED;
        diagnosis_say(&step->text, "Not usable: %s.", "无法使用：%s。", facts->store_fault.text);
        diagnosis_say(
            &step->remedy,
            "If it is damaged or the key is another one, restore database and master key "
            "from one backup; if it is of another version, use the ita-gateway that made "
            "it, or start the newer daemon, which brings it up to date.",
            "若数据库损坏或密钥不符，请从同一备份恢复数据库与主密钥；若版本不符，请使用创建它的 "
            "ita-gateway，或启动新版守护进程以自动升级。");
        return;
    }
    buf_init_fixed(&text, written, sizeof(written) - 1);
    clock_append_rfc3339(&text, store->written_ms);
    step->result = DIAGNOSIS_OK;
    diagnosis_say(&step->text,
                  "Sound; %lld MiB and %lld MiB of log, %lld MiB free on its disk, last written at "
                  "%s.",
                  "完好；%lld MiB，预写日志 %lld MiB，所在磁盘剩余 %lld MiB，最近写入于 %s。",
                  (long long)(store->database_bytes / MIB), (long long)(store->log_bytes / MIB),
                  (long long)(store->free_bytes / MIB), written);
    judge_room(store, step);
    judge_unsynced(facts, step);
}
