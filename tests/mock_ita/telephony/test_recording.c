#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "mock_ita/telephony/recording.h"

enum { SECOND_BYTES = MOCK_RECORDING_RATE * MOCK_RECORDING_FRAME };

static uint32_t le(const char *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | (uint8_t)bytes[i];
    return value;
}

/* The whole file; to be freed. */
static char *read_all(const struct mock_recording *recording, size_t *len)
{
    *len = (size_t)mock_recording_size(recording);
    char *bytes = mem_alloc(*len);
    assert_int_equal(mock_recording_read(recording, 0, bytes, *len), *len);
    return bytes;
}

/* How much of this tone is in a channel of a second of it: 1 for a pure one as loud as ours. */
static double share_of(const char *second, int channel, int tone_hz)
{
    double re = 0, im = 0;
    for (int i = 0; i < MOCK_RECORDING_RATE; i++) {
        int16_t sample = (int16_t)le(second + i * MOCK_RECORDING_FRAME + 2 * channel, 2);
        double angle = 2 * M_PI * tone_hz * i / MOCK_RECORDING_RATE;
        re += sample * cos(angle);
        im += sample * sin(angle);
    }
    return 2 * sqrt(re * re + im * im) / MOCK_RECORDING_RATE / 8000;
}

static bool is_silent(const char *second, int channel)
{
    for (int i = 0; i < MOCK_RECORDING_RATE; i++)
        if (le(second + i * MOCK_RECORDING_FRAME + 2 * channel, 2) != 0)
            return false;
    return true;
}

static void is_a_wav_file_as_long_as_they_talked(void **state)
{
    (void)state;
    struct mock_recording recording = {.call_number = 1, .length_ms = 1234};
    size_t len;
    char *bytes = read_all(&recording, &len);
    assert_int_equal(len, 44 + 1234 * 8 * 4);
    assert_memory_equal(bytes, "RIFF", 4);
    assert_int_equal(le(bytes + 4, 4), len - 8);
    assert_memory_equal(bytes + 8, "WAVEfmt ", 8);
    assert_int_equal(le(bytes + 20, 2), 1);
    assert_int_equal(le(bytes + 22, 2), 2);
    assert_int_equal(le(bytes + 24, 4), 8000);
    assert_int_equal(le(bytes + 28, 4), 32000);
    assert_int_equal(le(bytes + 32, 2), 4);
    assert_int_equal(le(bytes + 34, 2), 16);
    assert_memory_equal(bytes + 36, "data", 4);
    assert_int_equal(le(bytes + 40, 4), len - 44);
    mem_free(bytes);
}

static void lets_a_speak_on_the_left_and_b_on_the_right_in_turns(void **state)
{
    (void)state;
    struct mock_recording recording = {.call_number = 12345, .length_ms = 2000};
    int tone_a = mock_recording_tone_hz(&recording, MOCK_SIDE_A);
    int tone_b = mock_recording_tone_hz(&recording, MOCK_SIDE_B);
    size_t len;
    char *bytes = read_all(&recording, &len), *first = bytes + MOCK_RECORDING_HEAD;
    assert_true(share_of(first, 0, tone_a) > 0.99);
    assert_true(share_of(first, 0, tone_b) < 0.01);
    assert_true(is_silent(first, 1));
    assert_true(is_silent(first + SECOND_BYTES, 0));
    assert_true(share_of(first + SECOND_BYTES, 1, tone_b) > 0.99);
    assert_true(share_of(first + SECOND_BYTES, 1, tone_a) < 0.01);
    mem_free(bytes);
}

static void has_other_tones_for_another_call(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 512; i++) {
        struct mock_recording one = {.call_number = 1000, .length_ms = 1}, other = one;
        other.call_number += i;
        int a = mock_recording_tone_hz(&other, MOCK_SIDE_A);
        int b = mock_recording_tone_hz(&other, MOCK_SIDE_B);
        assert_true(a >= 300 && a < 1200 && b >= 1200 && b <= 3400);
        bool are_same = a == mock_recording_tone_hz(&one, MOCK_SIDE_A) &&
                        b == mock_recording_tone_hz(&one, MOCK_SIDE_B);
        assert_int_equal(are_same, i == 0);
    }
}

static void gives_the_same_bytes_in_pieces(void **state)
{
    (void)state;
    struct mock_recording recording = {.call_number = 7, .length_ms = 20};
    size_t len;
    char *bytes = read_all(&recording, &len), piece[64];
    for (size_t from = 0; from <= len + 1; from++)
        for (size_t want = 0; want < sizeof(piece); want += 7) {
            size_t left = from < len ? len - from : 0;
            memset(piece, 0x55, sizeof(piece));
            size_t got = mock_recording_read(&recording, from, piece, want);
            assert_int_equal(got, want < left ? want : left);
            if (got > 0)
                assert_memory_equal(piece, bytes + from, got);
            for (size_t i = got; i < sizeof(piece); i++)
                assert_int_equal(piece[i], 0x55);
        }
    mem_free(bytes);
}

static void reads_at_the_end_of_the_longest(void **state)
{
    (void)state;
    struct mock_recording recording = {.call_number = 1, .length_ms = MOCK_RECORDING_MAX_MS};
    uint64_t size = mock_recording_size(&recording);
    char head[MOCK_RECORDING_HEAD], end[16];
    assert_true(size == 44 + UINT64_C(24) * 3600 * SECOND_BYTES);
    assert_int_equal(mock_recording_read(&recording, 0, head, sizeof(head)), sizeof(head));
    assert_true(le(head + 40, 4) == size - 44);
    assert_int_equal(mock_recording_read(&recording, size - 8, end, sizeof(end)), 8);
    assert_int_equal(mock_recording_read(&recording, size, end, sizeof(end)), 0);
    assert_int_equal(mock_recording_read(&recording, UINT64_MAX, end, sizeof(end)), 0);
}

static void exists_of_an_ended_recorded_talk_only(void **state)
{
    (void)state;
    struct mock_recording recording;
    struct mock_call call = {.number = 3,
                             .is_recorded = true,
                             .script = {.a_rings_ms = 1000,
                                        .a_answers = true,
                                        .b_rings_ms = 1000,
                                        .b_answers = true,
                                        .talk_ms = 1500}};
    mock_call_begin(&call, 1000);
    assert_false(mock_recording_of(&call, &recording));
    while (call.state != MOCK_CALL_TALKING)
        assert_true(mock_call_next(&call));
    assert_false(mock_recording_of(&call, &recording));
    assert_true(mock_call_next(&call));
    assert_true(mock_recording_of(&call, &recording));
    assert_int_equal(recording.call_number, 3);
    assert_int_equal(recording.length_ms, 1500);
    call.is_recorded = false;
    assert_false(mock_recording_of(&call, &recording));
    call.is_recorded = true;
    call.ended_ms += MOCK_RECORDING_MAX_MS;
    assert_true(mock_recording_of(&call, &recording));
    assert_int_equal(recording.length_ms, MOCK_RECORDING_MAX_MS);
    call.legs[MOCK_SIDE_B].answered_ms = 0;
    assert_false(mock_recording_of(&call, &recording));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_wav_file_as_long_as_they_talked),
        cmocka_unit_test(lets_a_speak_on_the_left_and_b_on_the_right_in_turns),
        cmocka_unit_test(has_other_tones_for_another_call),
        cmocka_unit_test(gives_the_same_bytes_in_pieces),
        cmocka_unit_test(reads_at_the_end_of_the_longest),
        cmocka_unit_test(exists_of_an_ended_recorded_talk_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
