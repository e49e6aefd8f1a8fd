// The part of CUDA C++ that the kernels are written in, for g++: their very source is compiled, run and sanitized
// where there is no GPU. What CUDA would refuse is refused here too, where that is cheap. Not here: dynamic shared
// memory, textures, streams, and every function whose result CUDA does not fix to the last bit.

#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#if defined(EMULATION_THREADS)
#define __shared__ static thread_local  // blocks run at once, each in a thread of its own
#else
#define __shared__ static  // blocks run one after the other
#endif

using uint3 = dim3;
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

#define threadIdx (emulation::place().thread)
#define blockIdx (emulation::place().block)
#define blockDim (emulation::place().block_size)
#define gridDim (emulation::place().grid_size)
constexpr int warpSize = 32;

// Threads of a block and lanes of a warp.

inline void __syncthreads() { emulation::meet_block(); }
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu) { emulation::meet_lanes(mask, 0); }
inline void __threadfence() {}  // alone it puts nothing in order: each atomic says for itself
inline void __threadfence_block() {}

namespace emulation {

template <class T>
concept Lane = std::is_arithmetic_v<T> && sizeof(T) <= 8;

template <Lane T>
std::uint64_t to_bits(T value) {
    if constexpr (sizeof(T) == 8) return std::bit_cast<std::uint64_t>(value);
    else if constexpr (std::is_same_v<T, float>) return std::bit_cast<std::uint32_t>(value);
    else return static_cast<std::uint64_t>(value);
}

template <Lane T>
T from_bits(std::uint64_t bits) {
    if constexpr (sizeof(T) == 8) return std::bit_cast<T>(bits);
    else if constexpr (std::is_same_v<T, float>) return std::bit_cast<T>(static_cast<std::uint32_t>(bits));
    else return static_cast<T>(bits);
}

// A lane that is outside the mask has no value: the bits of a NaN, which no result survives.
template <Lane T>
T shuffle(unsigned mask, T value, unsigned source) {
    const auto given = meet_lanes(mask, to_bits(value));
    return mask >> source & 1 ? from_bits<T>(given[source]) : from_bits<T>(0xFFFFFFFFFFFFFFFFu);
}

inline unsigned first_of(int width) { return lane() / static_cast<unsigned>(width) * static_cast<unsigned>(width); }

}  // namespace emulation

template <emulation::Lane T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    const unsigned inside = static_cast<unsigned>(source) % static_cast<unsigned>(width);
    return emulation::shuffle(mask, value, emulation::first_of(width) + inside);
}

template <emulation::Lane T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned own = emulation::lane(), first = emulation::first_of(width);
    return emulation::shuffle(mask, value, own < first + delta ? own : own - delta);
}

template <emulation::Lane T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned own = emulation::lane(), end = emulation::first_of(width) + static_cast<unsigned>(width);
    return emulation::shuffle(mask, value, own + delta >= end ? own : own + delta);
}

template <emulation::Lane T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
    const unsigned own = emulation::lane(), end = emulation::first_of(width) + static_cast<unsigned>(width);
    const unsigned other = own ^ static_cast<unsigned>(lanes);
    return emulation::shuffle(mask, value, other >= end ? own : other);
}

inline unsigned __ballot_sync(unsigned mask, int predicate) {
    const auto given = emulation::meet_lanes(mask, predicate != 0);
    unsigned votes = 0;
    for (unsigned lane = 0; lane < 32; ++lane)
        if (mask >> lane & 1 && given[lane] != 0) votes |= 1u << lane;
    return votes;
}

inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) == mask; }

// Atomics: of CUDA's types alone, and relaxed as CUDA's are, so that ThreadSanitizer sees data that rely on them
// for an order.

namespace emulation {

template <class T, class... Types>
concept OneOf = (std::same_as<T, Types> || ...);
template <class T>
concept Integer = OneOf<T, int, unsigned, unsigned long long>;
template <class T>
concept Ordered = Integer<T> || std::same_as<T, long long>;

template <class T, class Change>
T change(T* at, Change to) {
    pause();
    std::atomic_ref<T> value(*at);
    T old = value.load(std::memory_order_relaxed);
    while (!value.compare_exchange_weak(old, to(old), std::memory_order_relaxed)) {}
    return old;
}

}  // namespace emulation

template <emulation::Ordered T>
T atomicMin(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return value < old ? value : old; });
}

template <emulation::Ordered T>
T atomicMax(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return old < value ? value : old; });
}

template <emulation::Integer T>
T atomicAdd(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) {
        return static_cast<T>(static_cast<std::make_unsigned_t<T>>(old) + static_cast<std::make_unsigned_t<T>>(value));
    });
}

template <std::floating_point T>
T atomicAdd(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return old + value; });
}

template <emulation::Integer T>
T atomicOr(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return old | value; });
}

template <emulation::Integer T>
T atomicAnd(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return old & value; });
}

template <class T>
    requires emulation::Integer<T> || std::same_as<T, float>
T atomicExch(T* at, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T) { return value; });
}

template <emulation::Integer T>
T atomicCAS(T* at, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    return emulation::change(at, [=](T old) { return old == expected ? value : old; });
}

// Loads past the first cache see what atomics write, and a word of up to 8 bytes whole.
template <class T>
T __ldcg(const T* at) { return std::atomic_ref<T>(*const_cast<T*>(at)).load(std::memory_order_relaxed); }
template <class T>
T __ldg(const T* at) { return *at; }

// Numbers: functions that IEEE 754 or the bits define, so that both machines agree.

template <class T>
T min(T a, T b) { return b < a ? b : a; }
template <class T>
T max(T a, T b) { return a < b ? b : a; }

inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline long long __double_as_longlong(double value) { return std::bit_cast<long long>(value); }
inline double __longlong_as_double(long long bits) { return std::bit_cast<double>(bits); }

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }

inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(std::uint64_t{a} * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline int __popc(unsigned bits) { return std::popcount(bits); }
inline int __popcll(unsigned long long bits) { return std::popcount(bits); }
inline int __clz(int bits) { return std::countl_zero(static_cast<unsigned>(bits)); }
inline int __clzll(long long bits) { return std::countl_zero(static_cast<unsigned long long>(bits)); }
inline int __ffs(int bits) { return bits == 0 ? 0 : std::countr_zero(static_cast<unsigned>(bits)) + 1; }
inline int __ffsll(long long bits) { return bits == 0 ? 0 : std::countr_zero(static_cast<unsigned long long>(bits)) + 1; }

// From Python: run a kernel on packed arguments, as the driver does.

namespace emulation {

template <class... Arguments>
const char* launch(void (*kernel)(Arguments...), const unsigned* sizes, std::uint64_t seed, void** packed) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        const std::tuple<Arguments...> arguments{*static_cast<std::remove_const_t<Arguments>*>(packed[I])...};
        const dim3 grid{sizes[0], sizes[1], sizes[2]}, block{sizes[3], sizes[4], sizes[5]};
        return run(grid, block, seed, [&] { std::apply(kernel, arguments); });
    }(std::index_sequence_for<Arguments...>{});
}

}  // namespace emulation

#define EMULATED(kernel)                                                                               \
    extern "C" const char* kernel##_launch(const unsigned* sizes, std::uint64_t seed, void** packed) { \
        return emulation::launch(kernel, sizes, seed, packed);                                         \
    }
