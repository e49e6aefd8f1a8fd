// What a CUDA thread may ask of the machine that stands in for the GPU: where it is, and to wait for others.
//
// A block is run by one thread of the machine. Its CUDA threads are fibers in it: they change places where they wait
// for each other, so a block of 1,024 threads needs one core, runs the same way each time, and knows when it is stuck.

#pragma once

#include <array>
#include <cstdint>
#include <functional>

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

namespace emulation {

struct Place {
    dim3 thread, block, block_size, grid_size;
};

const Place& place();

// Wait for every thread of the block.
void meet_block();

// Wait for the lanes of `mask`; what each of them gave, for all of them.
std::array<std::uint64_t, 32> meet_lanes(unsigned mask, std::uint64_t given);

unsigned lane();

// Between two instructions, where the other threads may do something.
void pause();

// Run `thread` once for each thread of the grid. Seed 0: in rising order, changing places only where threads wait.
// Others: blocks, threads and changes of place in an order drawn from it. Returns what went wrong, or null.
const char* run(dim3 grid, dim3 block, std::uint64_t seed, const std::function<void()>& thread);

}  // namespace emulation
