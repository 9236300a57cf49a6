#ifndef MOCK_ITA_TELEPHONY_RECORDING_H
#define MOCK_ITA_TELEPHONY_RECORDING_H

/* The recording of a call, as a WAV file: 8 kHz as on the telephone, 16-bit PCM, which every player
 * and library reads (many, Python's wave among them, refuse G.711 in a WAV), left A and right B. It
 * lasts as long as they talked, to the millisecond. A and B take turns of a second, so that each
 * instant tells who speaks; their tones follow the call's number, and 512 calls in a row differ.
 *
 * Nothing is stored: every byte is computed from the call's number and its place. Pure. */

#include "mock_ita/telephony/call.h"

enum {
    MOCK_RECORDING_RATE = 8000,               /* frames a second */
    MOCK_RECORDING_HEAD = 44,                 /* bytes before the first frame */
    MOCK_RECORDING_FRAME = 4,                 /* bytes: two channels of 16 bits */
    MOCK_RECORDING_MAX_MS = 24 * 3600 * 1000, /* a WAV file ends at 4 GiB: 37 hours */
};

/* A value of its own, which outlives the call. */
struct mock_recording {
    uint64_t call_number;
    int64_t length_ms;
};

/* False: the call has none; it runs, was not to be recorded, or they never talked. */
bool mock_recording_of(const struct mock_call *call, struct mock_recording *out);
uint64_t mock_recording_size(const struct mock_recording *recording); /* bytes */
/* Writes at most len bytes from offset on and returns how many; 0 behind the end. */
size_t mock_recording_read(const struct mock_recording *recording, uint64_t offset, char *out,
                           size_t len);
/* The tone in which A or B speaks, in Hz: for tests. */
int mock_recording_tone_hz(const struct mock_recording *recording, enum mock_side side);

#endif
