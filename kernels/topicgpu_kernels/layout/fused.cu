// One slice of UMAP's force layout, one thread a vertex: README.md says why it moves as it does.
//
// COMPONENTS is the number of axes. Places are row by row, (n, COMPONENTS). The only writer of a vertex is its own thread,
// which reads what the slice before left: nothing depends on the order of threads. Every operation is one rounding of
// float32 (no fused multiply-add) in the order of reference.py, so the bits are the reference's.

typedef unsigned long long Word;

#define DRAWS 4
#define ENTRIES 1472         // of the table, as forces.py has it
#define STEP_BITS 18
#define LEAST_BITS 0x30800000
#define LEAST 9.31322574615478515625e-10f  // 2^-30
#define HARDEST 4.0f
#define LARGEST 65535.99609375f            // below 2^16

// Philox 4x64-10: the block of numbers of a counter (Salmon, Moraes, Dror and Shaw, 2011).
__device__ void philox(Word block[4], Word key) {
    Word other = 0;
    for (int round = 0; round < 10; round++) {
        Word low0 = 0xD2E7470EE14C6C93ULL * block[0], high0 = __umul64hi(0xD2E7470EE14C6C93ULL, block[0]);
        Word low1 = 0xCA5A826395121157ULL * block[2], high1 = __umul64hi(0xCA5A826395121157ULL, block[2]);
        block[0] = high1 ^ block[1] ^ key;
        block[1] = low1;
        block[2] = high0 ^ block[3] ^ other;
        block[3] = low0;
        key += 0x9E3779B97F4A7C15ULL;
        other += 0xBB67AE8584CAA73BULL;
    }
}

__device__ float squared_length(const float* difference) {
    float squared = difference[0] * difference[0];
#pragma unroll
    for (int axis = 1; axis < COMPONENTS; axis++) squared = squared + difference[axis] * difference[axis];
    return squared;
}

__device__ float coefficient(const float* values, const float* slopes, float squared) {
    int bits = __float_as_int(fminf(fmaxf(squared, LEAST), LARGEST));
    int entry = (bits - LEAST_BITS) >> STEP_BITS;
    float within = (float)(bits & ((1 << STEP_BITS) - 1)) * (1.0f / (1 << STEP_BITS));
    float rise = __ldg(&slopes[entry]) * within;
    return __ldg(&values[entry]) + rise;
}

extern "C" __global__ void move(const int* offsets, const int* columns, const float* weights, const float* repulsion,
                                const float* table, const float* places, const float* others, float* moved, int n,
                                int among, float rate, Word seed, Word epoch, Word part) {
    int vertex = blockIdx.x * blockDim.x + threadIdx.x;
    if (vertex >= n) return;
    float own[COMPONENTS], pull[COMPONENTS], push[COMPONENTS], difference[COMPONENTS];
#pragma unroll
    for (int axis = 0; axis < COMPONENTS; axis++) {
        own[axis] = places[(long long)vertex * COMPONENTS + axis];
        pull[axis] = push[axis] = 0.0f;
    }
    int first = offsets[vertex], end = offsets[vertex + 1];
    float crowd = (float)(end - first);
    for (int edge = first; edge < end; edge++) {
        const float* other = &others[(long long)columns[edge] * COMPONENTS];
#pragma unroll
        for (int axis = 0; axis < COMPONENTS; axis++) difference[axis] = __ldg(&other[axis]) - own[axis];
        float force = coefficient(table, table + ENTRIES, squared_length(difference)) * weights[edge] * rate;
        force = force / (force * crowd + 1.0f);
#pragma unroll
        for (int axis = 0; axis < COMPONENTS; axis++) pull[axis] = pull[axis] + force * difference[axis];
    }
    Word drawn[DRAWS] = {(Word)vertex, part, epoch, 0};
    philox(drawn, seed);
    for (int draw = 0; draw < DRAWS; draw++) {
        const float* other = &others[(long long)__umulhi((unsigned int)(drawn[draw] >> 32), (unsigned int)among) * COMPONENTS];
#pragma unroll
        for (int axis = 0; axis < COMPONENTS; axis++) difference[axis] = own[axis] - __ldg(&other[axis]);
        float force = coefficient(table + 2 * ENTRIES, table + 3 * ENTRIES, squared_length(difference));
#pragma unroll
        for (int axis = 0; axis < COMPONENTS; axis++) push[axis] = push[axis] + force * difference[axis];
    }
    float pushed = repulsion[vertex] * rate, farthest = HARDEST * rate;
#pragma unroll
    for (int axis = 0; axis < COMPONENTS; axis++) {
        float away = fminf(fmaxf(push[axis] * pushed, -farthest), farthest);
        moved[(long long)vertex * COMPONENTS + axis] = (own[axis] + pull[axis]) + away;
    }
}
