// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What instances are to answer, and what they saw; by call. Safe for any thread. */
final class Board {
    private final AtomicInteger sequence = new AtomicInteger();
    private final Map<String, Call> calls = new ConcurrentHashMap<>();
    private final Map<Integer, Arrival> answers = new ConcurrentHashMap<>();
    /** Connections an instance reset before it read from them, or closed after an answer, in this history. */
    final Map<String, AtomicInteger> closed = new ConcurrentHashMap<>();

    /** One call's part of the board. */
    static final class Call {
        final String id;
        final Plan plan;
        final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
        /** Opened when the call is over: whoever hangs goes on. */
        final CountDownLatch over = new CountDownLatch(1);
        /** How often a body that may be written once was written. */
        final AtomicInteger written = new AtomicInteger();

        /** Instances of orders that were on the list all the time. */
        volatile Set<String> listed = Set.of();

        volatile Runnable onArrival = () -> {};
        volatile Runnable onAnswer = () -> {};

        Call(String id, Plan plan) {
            this.id = id;
            this.plan = plan;
        }
    }

    Call begin(String id, Plan plan) {
        Call call = new Call(id, plan);
        calls.put(id, call);
        return call;
    }

    @Nullable
    Call call(String id) {
        return calls.get(id);
    }

    Arrival arrived(Call call, String instance, int index, RawRequest request) {
        boolean isHop = request.path().startsWith("/hop/");
        Answer answer =
                isHop || index < 0 ? call.plan.hopAnswer() : call.plan.answers().get(index);
        Arrival arrival = new Arrival(sequence.incrementAndGet(), instance, request, answer);
        answers.put(arrival.sequence, arrival);
        call.arrivals.add(arrival);
        return arrival;
    }

    @Nullable
    Arrival answer(int number) {
        return answers.get(number);
    }

    /** Whether a call whose thread may have been interrupted got it. */
    boolean isOfInterrupted(Arrival answer) {
        return calls.values().stream()
                .anyMatch(call -> call.plan.cancel().by() == Plan.By.INTERRUPT && call.arrivals.contains(answer));
    }

    /** Whether it asked to be left alone for seconds in this history: other calls heed that, too. */
    boolean asked(String instance) {
        return answers.values().stream()
                .anyMatch(arrival -> arrival.instance.equals(instance) && arrival.answer.retryAfter() > 0);
    }

    void closes(String instance) {
        closed.computeIfAbsent(instance, missing -> new AtomicInteger()).incrementAndGet();
    }

    int closed(String instance) {
        AtomicInteger count = closed.get(instance);
        return count == null ? 0 : count.get();
    }

    /** Forgets a history. */
    void clear() {
        calls.clear();
        answers.clear();
        closed.clear();
    }
}
