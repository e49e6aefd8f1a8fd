// Small kernels that say what the emulation can do, and some with errors that it must see. No part of the package.

extern "C" __global__ void total(const float* values, int n, float* sums) {
    __shared__ float parts[32];
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    float sum = at < n ? values[at] : 0.0f;
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFu, sum, step);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x < 32) {
        sum = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0f;
        for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFu, sum, step);
        if (threadIdx.x == 0) sums[blockIdx.x] = sum;
    }
}

// As `total`, with the barrier left out.
extern "C" __global__ void total_without_barrier(const float* values, int n, float* sums) {
    __shared__ float parts[32];
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    float sum = at < n ? values[at] : 0.0f;
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFu, sum, step);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum;
    if (threadIdx.x < 32) {
        sum = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0f;
        for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xFFFFFFFFu, sum, step);
        if (threadIdx.x == 0) sums[blockIdx.x] = sum;
    }
}

extern "C" __global__ void least(const unsigned long long* keys, const int* bins, int n, unsigned long long* found) {
    for (int at = blockIdx.x * blockDim.x + threadIdx.x; at < n; at += gridDim.x * blockDim.x)
        atomicMin(&found[bins[at]], keys[at]);
}

// As `least`, without the atomic.
extern "C" __global__ void least_by_race(const unsigned long long* keys, const int* bins, int n,
                                         unsigned long long* found) {
    for (int at = blockIdx.x * blockDim.x + threadIdx.x; at < n; at += gridDim.x * blockDim.x)
        if (keys[at] < found[bins[at]]) found[bins[at]] = keys[at];
}

// Each element is the sum of its neighbors'; the last one reads past the end.
extern "C" __global__ void read_past_the_end(const float* values, int n, float* sums) {
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < n) sums[at] = values[at] + values[at + 1];
}

extern "C" __global__ void add_past_the_largest_int(const int* values, int n, int* sums) {
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < n) sums[at] = values[at] + 1;
}

// Half of the block waits for the other half, which has ended.
extern "C" __global__ void half_a_barrier(float* values) {
    if (threadIdx.x % 2 == 0) return;
    __syncthreads();
    values[threadIdx.x] = 1.0f;
}

// Lanes by groups of four: votes, shuffles of each kind, and what a lane outside the mask gives.
extern "C" __global__ void lanes(const int* values, int* voted, int* turned, int* up, int* swapped) {
    const int lane = threadIdx.x;
    const unsigned four = 0xFu << (lane / 4 * 4);
    const int value = values[lane];
    voted[lane] = static_cast<int>(__ballot_sync(four, value > 0)) + __any_sync(four, value > 0) * 2 +
                  __all_sync(four, value > 0);
    turned[lane] = __shfl_sync(four, value, lane + 1, 4);
    up[lane] = __shfl_up_sync(four, value, 1, 4);
    swapped[lane] = __shfl_xor_sync(four, value, 3);
    __syncwarp(four);
}

extern "C" __global__ void bits(const unsigned int* words, int n, unsigned int* high, int* ones, float* numbers) {
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= n) return;
    high[at] = __umulhi(words[at], 0xD2511F53u);
    ones[at] = __popc(words[at]);
    const float number = __uint_as_float(words[at] >> 9 | 0x3F800000u);
    numbers[at] = number * number - 1.0f;  // a fused multiply-add would give other bits
}

// Every thread adds itself to a list, by each of the atomics that give a place out.
extern "C" __global__ void queue(int* list, unsigned int* length, unsigned int* seen, int* last, int* owner) {
    const unsigned own = blockIdx.x * blockDim.x + threadIdx.x;
    list[atomicAdd(length, 1u)] = static_cast<int>(own);
    atomicOr(&seen[own / 32], 1u << own % 32);
    atomicMax(last, static_cast<int>(own));
    if (atomicCAS(owner, -1, static_cast<int>(own)) != -1) atomicExch(owner, -2);
}
