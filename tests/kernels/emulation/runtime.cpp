// Blocks, fibers and meetings. Compiled without ThreadSanitizer's instructions, so that what fibers have in common here
// is no race; it is told which fiber runs and which meetings put accesses in order.

#include "runtime.h"

#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif
#if defined(EMULATION_THREADS)
#include <sanitizer/tsan_interface.h>
#elif defined(EMULATION_ADDRESSES)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace emulation {
namespace {

#if defined(__x86_64__)
constexpr unsigned FLUSH_TO_ZERO = 0x8040;  // operands and results, as the kernels' options ask of the device
#endif
constexpr std::size_t STACK = 256 * 1024;
constexpr unsigned WARP = 32;
#if defined(EMULATION_THREADS)
constexpr bool EACH_ITS_OWN = true;  // or the sanitizer would take two CUDA threads for one
constexpr std::uint64_t MOST_THREADS = 4096;  // it keeps no more than 8,128 at once
#else
constexpr bool EACH_ITS_OWN = false;
#endif

// Tell ThreadSanitizer that what was done before `publish` comes before what is done after `receive`.
void publish([[maybe_unused]] void* at) {
#if defined(EMULATION_THREADS)
    __tsan_release(at);
#endif
}

void receive([[maybe_unused]] void* at) {
#if defined(EMULATION_THREADS)
    __tsan_acquire(at);
#endif
}

// Threads that wait for each other, over and over. Two sets of places: who is early for the next meeting
// can't disturb who is late in leaving this one.
struct Meeting {
    unsigned wanted = 0, arrived = 0;
    std::uint64_t held = 0;
    std::array<std::array<std::uint64_t, WARP>, 2> given{};
    std::array<char, 2> order{};

    std::uint64_t arrive() {
        const std::uint64_t mine = held;
        publish(&order[mine % 2]);
        if (++arrived == wanted) {
            arrived = 0;
            ++held;
        }
        return mine;
    }
};

class Block;

// It outlives its block: to make one is dear, under ThreadSanitizer above all.
struct Fiber {
    Fiber();
    bool may_go_on() const { return !done && (waits_for == nullptr || waits_for->held > meeting); }

    Block* block = nullptr;
    std::unique_ptr<char[]> stack{new char[STACK]};
    ucontext_t context{};
    Place place;
    unsigned number = 0;
    bool done = false;
    const Meeting* waits_for = nullptr;
    std::uint64_t meeting = 0;
    void* sanitizer = nullptr;
};

// Those that no block has, taken and given back by one block at a time.
class Pool {
public:
    std::unique_ptr<Fiber> take() {
        const std::lock_guard hold(lock_);
        if (idle_.empty()) return std::make_unique<Fiber>();
        std::unique_ptr<Fiber> one = std::move(idle_.back());
        idle_.pop_back();
        return one;
    }

    void give_back(std::unique_ptr<Fiber> one) {
        const std::lock_guard hold(lock_);
        idle_.push_back(std::move(one));
    }

private:
    std::mutex lock_;
    std::vector<std::unique_ptr<Fiber>> idle_;
};

Pool& pool = *new Pool;  // never destroyed: a fiber that is stuck is never done with its stack

class Block {
public:
    Block(dim3 index, dim3 size, dim3 grid, std::uint64_t seed, const std::function<void()>& thread)
        : count_(size.x * size.y * size.z), where_{{}, index, size, grid}, thread_(thread), seed_(seed) {
        order_.resize(count_);
        for (unsigned number = 0; number < count_; ++number) order_[number] = number;
        random_.seed(seed ^ (index.x + 0x9E3779B97F4A7C15u * (1 + index.y + 65536ull * index.z)));
        if (seed_ != 0) std::shuffle(order_.begin(), order_.end(), random_);
        everyone_.wanted = count_;
    }

    // False: threads wait for others that have ended.
    bool run();
    void wait(Meeting& meeting, std::uint64_t mine);
    void change_places() { leave(*running_); }
    bool wants_a_change() { return seed_ != 0 && random_() % 4 == 0; }
    void work(Fiber& fiber);

    Fiber* running_ = nullptr;
    Meeting everyone_;
    std::map<std::pair<unsigned, unsigned>, Meeting> lanes_;  // of a warp and a mask

private:
    void enter(Fiber& fiber);
    void leave(Fiber& fiber);

    unsigned count_, started_ = 0;
    char begin_ = 0, end_ = 0;
    Place where_;
    const std::function<void()>& thread_;
    std::uint64_t seed_;
    std::mt19937_64 random_;
    std::vector<unsigned> order_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    ucontext_t home_{};
    void* home_sanitizer_ = nullptr;
    const void* home_stack_ = nullptr;
    std::size_t home_stack_size_ = 0;
};

thread_local Block* current = nullptr;

void begin(unsigned high, unsigned low) {
#if defined(EMULATION_ADDRESSES)
    __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
    Fiber& fiber = *reinterpret_cast<Fiber*>(std::uint64_t{high} << 32 | low);
    for (;;) fiber.block->work(fiber);
}

Fiber::Fiber() {
    getcontext(&context);
    context.uc_stack.ss_sp = stack.get();
    context.uc_stack.ss_size = STACK;
    const auto own = reinterpret_cast<std::uint64_t>(this);
    makecontext(&context, reinterpret_cast<void (*)()>(begin), 2, static_cast<unsigned>(own >> 32),
                static_cast<unsigned>(own));
#if defined(EMULATION_THREADS)
    sanitizer = __tsan_create_fiber(0);
#endif
}

void Block::enter(Fiber& fiber) {
    running_ = &fiber;
#if defined(EMULATION_THREADS)
    home_sanitizer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber.sanitizer, __tsan_switch_to_fiber_no_sync);
#elif defined(EMULATION_ADDRESSES)
    __sanitizer_start_switch_fiber(&home_sanitizer_, fiber.stack.get(), STACK);
#endif
    swapcontext(&home_, &fiber.context);
#if defined(EMULATION_ADDRESSES)
    __sanitizer_finish_switch_fiber(home_sanitizer_, nullptr, nullptr);
#endif
}

void Block::leave(Fiber& fiber) {
#if defined(EMULATION_THREADS)
    __tsan_switch_to_fiber(home_sanitizer_, __tsan_switch_to_fiber_no_sync);
#elif defined(EMULATION_ADDRESSES)
    __sanitizer_start_switch_fiber(&fiber.sanitizer, home_stack_, home_stack_size_);
#endif
    swapcontext(&fiber.context, &home_);
#if defined(EMULATION_ADDRESSES)
    __sanitizer_finish_switch_fiber(fiber.sanitizer, nullptr, nullptr);
#endif
}

// A fiber takes thread after thread for as long as none has to wait: then a grid without meetings is a plain loop.
void Block::work(Fiber& fiber) {
    receive(&begin_);
    do {
        fiber.number = order_[started_++];
        const dim3 size = where_.block_size;
        fiber.place = where_;
        fiber.place.thread = {fiber.number % size.x, fiber.number / size.x % size.y, fiber.number / size.x / size.y};
        thread_();
        publish(&end_);
    } while (!EACH_ITS_OWN && started_ < count_);
    fiber.done = true;
    leave(fiber);
}

bool Block::run() {
#if defined(EMULATION_ADDRESSES)
    pthread_attr_t attributes;
    void* low = nullptr;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &home_stack_size_);
    pthread_attr_destroy(&attributes);
    home_stack_ = low;
#endif
#if defined(__x86_64__)
    const unsigned state = _mm_getcsr();
    _mm_setcsr(state | FLUSH_TO_ZERO);
#endif
    current = this;
    publish(&begin_);
    bool moved = true, left = true;
    while (moved && left) {
        moved = left = false;
        if (seed_ != 0) std::shuffle(fibers_.begin(), fibers_.end(), random_);
        for (std::size_t i = 0; i < fibers_.size(); ++i) {
            Fiber& fiber = *fibers_[i];
            if (fiber.may_go_on()) {
                enter(fiber);
                moved = true;
            }
            left |= !fiber.done;
        }
        while (started_ < count_) {
            Fiber& fiber = *fibers_.emplace_back(pool.take());
            fiber.block = this;
            fiber.done = false;
            enter(fiber);
            moved = left = true;
        }
    }
    receive(&end_);
    for (std::unique_ptr<Fiber>& fiber : fibers_) {
        if (fiber->done) pool.give_back(std::move(fiber));
        else fiber.release();  // stuck for good, and so is what its stack holds
    }
    current = nullptr;
#if defined(__x86_64__)
    _mm_setcsr(state);
#endif
    return !left;
}

void Block::wait(Meeting& meeting, std::uint64_t mine) {
    Fiber& fiber = *running_;
    fiber.waits_for = &meeting;
    fiber.meeting = mine;
    while (!fiber.may_go_on()) leave(fiber);
    fiber.waits_for = nullptr;
    receive(&meeting.order[mine % 2]);
}

}  // namespace

const Place& place() { return current->running_->place; }

unsigned lane() { return current->running_->number % WARP; }

void meet_block() {
    Meeting& everyone = current->everyone_;
    current->wait(everyone, everyone.arrive());
}

std::array<std::uint64_t, WARP> meet_lanes(unsigned mask, std::uint64_t given) {
    Meeting& meeting = current->lanes_[{current->running_->number / WARP, mask}];
    meeting.wanted = static_cast<unsigned>(__builtin_popcount(mask));
    const std::uint64_t mine = meeting.held;
    meeting.given[mine % 2][lane()] = given;
    current->wait(meeting, meeting.arrive());
    return meeting.given[mine % 2];
}

void pause() {
    if (current->wants_a_change()) current->change_places();
}

const char* run(dim3 grid, dim3 block, std::uint64_t seed, const std::function<void()>& thread) {
    const std::uint64_t blocks = std::uint64_t{grid.x} * grid.y * grid.z;
    const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
    if (blocks == 0 || threads == 0 || threads > 1024 || grid.y > 65535 || grid.z > 65535 || grid.x > 0x7FFFFFFF)
        return "the grid or the block is of no size that a GPU takes";
    std::vector<std::uint64_t> order(blocks);
    for (std::uint64_t number = 0; number < blocks; ++number) order[number] = number;
    if (seed != 0) std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
    std::atomic<bool> stuck = false;
    const auto run_block = [&](std::uint64_t number) {
        const dim3 index{static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number / grid.x % grid.y),
                         static_cast<unsigned>(number / grid.x / grid.y)};
        Block one(index, block, grid, seed, thread);
        if (!one.run()) stuck = true;
    };
#if defined(EMULATION_THREADS)
    if (blocks * threads > MOST_THREADS) return "more threads than ThreadSanitizer can tell apart: take a smaller grid";
    std::vector<std::thread> machine;
    for (const std::uint64_t number : order) machine.emplace_back(run_block, number);
    for (std::thread& one : machine) one.join();
#else
    for (const std::uint64_t number : order) run_block(number);
#endif
    return stuck ? "threads wait for others that have ended or wait elsewhere" : nullptr;
}

}  // namespace emulation
