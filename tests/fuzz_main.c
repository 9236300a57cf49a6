/* Plays files through a fuzzer's entry point, for builds without libFuzzer: each fuzz corpus is a
 * test. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    enum { INPUT_MAX = 1024 * 1024 };
    uint8_t *data = malloc(INPUT_MAX);
    if (data == NULL)
        return 1;
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t size = fread(data, 1, INPUT_MAX, file);
        fclose(file);
        /* A block of exactly that size, so that sanitizers see a read past its end. */
        uint8_t *exact = malloc(size > 0 ? size : 1);
        if (exact == NULL)
            return 1;
        for (size_t k = 0; k < size; k++)
            exact[k] = data[k];
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    printf("%d inputs\n", argc - 1);
    free(data);
    return 0;
}
