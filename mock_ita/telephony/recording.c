#include "mock_ita/telephony/recording.h"

#include <string.h>

enum {
    FRAMES_PER_MS = MOCK_RECORDING_RATE / 1000,
    CHANNELS = 2,
    SAMPLE_BITS = 16,
    PCM = 1,     /* the format's number */
    FORMAT = 16, /* bytes of the fmt chunk */
    /* All tones are multiples of this, so that one table of a wave serves them. */
    TONE_STEP_HZ = 50,
    WAVE = MOCK_RECORDING_RATE / TONE_STEP_HZ,
    /* Within the telephone's 300 to 3400 Hz, A's always below B's. */
    TONES_A = 16,
    TONES_B = 32,
    TONE_FIRST_A = 6,
    TONE_FIRST_B = 24,
};

/* 8000 * sin(i * pi / 80): the first quarter of a wave of 160 samples, a quarter as loud as can be.
 */
static const int16_t quarter[WAVE / 4 + 1] = {
    0,    314,  628,  940,  1251, 1561, 1868, 2172, 2472, 2769, 3061, 3349, 3632, 3909,
    4180, 4445, 4702, 4953, 5196, 5430, 5657, 5875, 6083, 6283, 6472, 6652, 6821, 6980,
    7128, 7265, 7391, 7506, 7608, 7700, 7779, 7846, 7902, 7945, 7975, 7994, 8000};

static int16_t wave(uint64_t index)
{
    size_t i = (size_t)(index % WAVE);
    size_t half = i % (WAVE / 2);
    int16_t value = quarter[half <= WAVE / 4 ? half : WAVE / 2 - half];
    return i < WAVE / 2 ? value : (int16_t)-value;
}

bool mock_recording_of(const struct mock_call *call, struct mock_recording *out)
{
    int64_t talking_since_ms = call->legs[MOCK_SIDE_B].answered_ms;
    if (call->state != MOCK_CALL_ENDED || !call->is_recorded || talking_since_ms == 0)
        return false;
    int64_t length_ms = call->ended_ms - talking_since_ms;
    *out = (struct mock_recording){
        .call_number = call->number,
        .length_ms = length_ms < MOCK_RECORDING_MAX_MS ? length_ms : MOCK_RECORDING_MAX_MS,
    };
    return true;
}

static uint64_t frame_count(const struct mock_recording *recording)
{
    return (uint64_t)recording->length_ms * FRAMES_PER_MS;
}

uint64_t mock_recording_size(const struct mock_recording *recording)
{
    return MOCK_RECORDING_HEAD + frame_count(recording) * MOCK_RECORDING_FRAME;
}

static uint64_t tone(const struct mock_recording *recording, enum mock_side side)
{
    return side == MOCK_SIDE_A ? TONE_FIRST_A + recording->call_number % TONES_A
                               : TONE_FIRST_B + recording->call_number / TONES_A % TONES_B;
}

int mock_recording_tone_hz(const struct mock_recording *recording, enum mock_side side)
{
    return (int)tone(recording, side) * TONE_STEP_HZ;
}

/* --- Bytes --- */

static void put_le(char *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(value >> (8 * i) & 0xff);
}

/* RIFF, WAVE, its fmt chunk, and the beginning of its data chunk. */
static void write_head(const struct mock_recording *recording, char out[static MOCK_RECORDING_HEAD])
{
    uint32_t data = (uint32_t)(mock_recording_size(recording) - MOCK_RECORDING_HEAD);
    memcpy(out, "RIFF", 4);
    put_le(out + 4, MOCK_RECORDING_HEAD - 8 + data, 4);
    memcpy(out + 8, "WAVEfmt ", 8);
    put_le(out + 16, FORMAT, 4);
    put_le(out + 20, PCM, 2);
    put_le(out + 22, CHANNELS, 2);
    put_le(out + 24, MOCK_RECORDING_RATE, 4);
    put_le(out + 28, MOCK_RECORDING_RATE * MOCK_RECORDING_FRAME, 4);
    put_le(out + 32, MOCK_RECORDING_FRAME, 2);
    put_le(out + 34, SAMPLE_BITS, 2);
    memcpy(out + 36, "data", 4);
    put_le(out + 40, data, 4);
}

/* In even seconds A speaks, in odd ones B. */
static void write_frame(const struct mock_recording *recording, uint64_t frame,
                        char out[static MOCK_RECORDING_FRAME])
{
    enum mock_side speaks = frame / MOCK_RECORDING_RATE % 2 == 0 ? MOCK_SIDE_A : MOCK_SIDE_B;
    int16_t sample = wave(frame * tone(recording, speaks));
    put_le(out, speaks == MOCK_SIDE_A ? (uint16_t)sample : 0, 2);
    put_le(out + 2, speaks == MOCK_SIDE_B ? (uint16_t)sample : 0, 2);
}

/* Copies what lies of the piece (at this place in the file) within out, which begins at offset. */
static void copy_within(const char *piece, uint64_t at, size_t piece_len, uint64_t offset,
                        char *out, size_t len)
{
    uint64_t from = at > offset ? at : offset;
    uint64_t to = at + piece_len < offset + len ? at + piece_len : offset + len;
    if (from < to)
        memcpy(out + (from - offset), piece + (from - at), (size_t)(to - from));
}

size_t mock_recording_read(const struct mock_recording *recording, uint64_t offset, char *out,
                           size_t len)
{
    uint64_t size = mock_recording_size(recording);
    char head[MOCK_RECORDING_HEAD], frame[MOCK_RECORDING_FRAME];
    if (offset >= size)
        return 0;
    if (len > size - offset)
        len = (size_t)(size - offset);
    if (offset < MOCK_RECORDING_HEAD) {
        write_head(recording, head);
        copy_within(head, 0, sizeof(head), offset, out, len);
    }
    uint64_t data_from = offset > MOCK_RECORDING_HEAD ? offset - MOCK_RECORDING_HEAD : 0;
    uint64_t at = MOCK_RECORDING_HEAD + data_from / sizeof(frame) * sizeof(frame);
    for (; at < offset + len; at += sizeof(frame)) {
        write_frame(recording, (at - MOCK_RECORDING_HEAD) / sizeof(frame), frame);
        copy_within(frame, at, sizeof(frame), offset, out, len);
    }
    return len;
}
