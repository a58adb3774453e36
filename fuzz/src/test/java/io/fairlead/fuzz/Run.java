// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Hedging;
import io.fairlead.http.DiscoveryHttpClient;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.CountingGuards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** One history, run once. */
final class Run implements AutoCloseable {
    private static final long LONGEST_CALL_SECONDS = 30;

    private final Rig rig;
    private final History history;
    private final String name;
    private final MemoryRegistry registry;
    private final CountingGuards guards = new CountingGuards();
    private final Fairlead fairlead;
    private final Caller caller;
    private final Oracle oracle;
    /** The number of the call of which something was wrong. */
    int failedAt;

    private final ReentrantLock changes = new ReentrantLock();
    private final @Nullable Registration[] listed = new Registration[Generator.INSTANCES];

    Run(Rig rig, History history, boolean isOkHttp, String name) {
        this.rig = rig;
        this.history = history;
        this.name = name;
        rig.reseed(history.seed());
        History.Setup setup = history.setup();
        registry = MemoryRegistry.builder()
                .environment(rig.environment)
                .timing(RegistrationTiming.defaults()
                        .withPropagation(Duration.ZERO)
                        .withInFlight(Duration.ZERO))
                .build();
        FairleadBuilder builder = Fairlead.builder(registry)
                .environment(rig.environment)
                .guard(guards)
                .policy(setup.policy())
                .attempts(setup.attempts())
                .firstListTimeout(Duration.ofSeconds(5));
        fairlead = (setup.hedgeAfterMillis() == 0
                        ? builder
                        : builder.hedging(Hedging.defaults()
                                .withDelay(Duration.ofMillis(setup.hedgeAfterMillis()))
                                .withMaxExtraLoad(1)))
                .build();
        caller = isOkHttp
                ? new OkHttpCaller(fairlead, setup, rig.folder.resolve(name))
                : new JdkCaller(DiscoveryHttpClient.wrap(
                        Objects.requireNonNull(setup.follows() ? rig.following : rig.notFollowing), fairlead));
        oracle = new Oracle(rig, history, caller, isOkHttp);
    }

    /** Everything that is wrong about the first call of which something is; empty when nothing is. */
    List<String> go() throws Exception {
        for (int i = 0; i < history.setup().instances().size(); i++) {
            rig.orders.get(i).resets = history.setup().instances().get(i) == History.Mode.RESETS;
            add(i);
        }
        registry.register(instance("billing", rig.billing.id, rig.billing.port()), HealthCheck.none());
        if (history.setup().hasList()) {
            fairlead.awaitReady(Duration.ofSeconds(5), "orders", "billing");
            eventually(() -> Objects.requireNonNull(fairlead.status("orders"))
                            .instances()
                            .size()
                    == history.setup().instances().size());
        } else {
            registry.setAvailable(false);
        }
        List<Board.Call> over = new ArrayList<>();
        int together = history.setup().together();
        for (int from = 0; from < history.plans().size(); from += together) {
            List<Plan> group =
                    history.plans().subList(from, Math.min(history.plans().size(), from + together));
            List<String> wrong = together(group, over);
            if (!wrong.isEmpty()) {
                failedAt = group.get(group.size() - 1).number();
                return wrong;
            }
        }
        List<String> late = oracle.checkLate(over);
        failedAt = late.isEmpty() ? 0 : history.plans().size();
        return late;
    }

    /** One call and what became of it. */
    private static final class Made {
        final Board.Call call;
        final Seen seen = new Seen();
        volatile Thread thread = Thread.currentThread();
        volatile boolean wasCancelled;

        Made(Board.Call call) {
            this.call = call;
        }
    }

    /** Makes these calls at once, and says what is wrong when all are over. */
    private List<String> together(List<Plan> group, List<Board.Call> over) throws Exception {
        List<Rig.Heard> before = rig.takeHeard();
        Map<Made, Future<?>> running = new LinkedHashMap<>();
        for (Plan plan : group) {
            if (!plan.changesMidway()) {
                change(plan);
            }
        }
        for (Plan plan : group) {
            Made made = new Made(rig.board.begin(name + "-" + plan.number(), plan));
            made.call.listed = listed();
            over.add(made.call);
            running.put(made, rig.callers.submit(() -> make(made)));
        }
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<Made, Future<?>> one : running.entrySet()) {
            try {
                one.getValue().get(LONGEST_CALL_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException hangs) {
                wrong.add("the call has not ended after " + LONGEST_CALL_SECONDS + " s: "
                        + Arrays.toString(one.getKey().thread.getStackTrace()));
            }
            one.getKey().call.over.countDown();
        }
        for (Made made : running.keySet()) {
            Set<String> still = listed();
            still.retainAll(made.call.listed);
            made.call.listed = still;
        }
        if (!eventually(() -> guards.permits() == 0 && inFlight() == 0 && caller.isIdle())) {
            wrong.add("left in use: " + guards.permits() + " permits, " + inFlight() + " attempts in flight, client "
                    + (caller.isIdle() ? "idle" : "not idle"));
        }
        List<Rig.Heard> heard = rig.takeHeard();
        List<Board.Call> calls =
                running.keySet().stream().map(made -> made.call).toList();
        for (Made made : running.keySet()) {
            wrong.addAll(oracle.check(made.call, calls, made.seen, heard, made.wasCancelled));
        }
        if (!wrong.isEmpty()) {
            for (Made made : running.keySet()) {
                wrong.add("call " + made.call.plan);
                wrong.add("seen " + made.seen + (made.wasCancelled ? ", cancelled" : ""));
                made.call.arrivals.forEach(arrival -> wrong.add("arrived " + arrival));
            }
            wrong.add("heard " + heard + (before.isEmpty() ? "" : ", and before it " + before));
        }
        return wrong;
    }

    private Set<String> listed() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < listed.length; i++) {
            if (listed[i] != null) {
                ids.add(rig.orders.get(i).id);
            }
        }
        return ids;
    }

    private void make(Made made) {
        Plan plan = made.call.plan;
        made.thread = Thread.currentThread();
        Canceller canceller = new Canceller(plan);
        made.call.onArrival = () -> {
            if (plan.changesMidway()) {
                change(plan);
            }
            canceller.at(Plan.When.ARRIVAL);
        };
        made.call.onAnswer = () -> canceller.at(Plan.When.ANSWER);
        long start = System.nanoTime();
        Future<?> later = rig.timer.schedule(
                () -> canceller.at(Plan.When.LATER), plan.cancel().millis(), TimeUnit.MILLISECONDS);
        caller.call(made.call, canceller, made.seen);
        made.wasCancelled = canceller.end();
        later.cancel(false);
        made.seen.millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        // Who hangs for this call goes on.
        made.call.over.countDown();
    }

    private int inFlight() {
        var status = fairlead.status("orders");
        return status == null
                ? 0
                : status.instances().stream().mapToInt(view -> view.inFlight()).sum();
    }

    private void change(Plan plan) {
        int index = plan.changed();
        changes.lock();
        try {
            if (plan.change() == Plan.Change.ADD && listed[index] == null) {
                add(index);
            } else if (plan.change() == Plan.Change.REMOVE && listed[index] != null) {
                Objects.requireNonNull(listed[index]).close();
                listed[index] = null;
            }
        } finally {
            changes.unlock();
        }
    }

    private void add(int index) {
        RawInstance instance = rig.orders.get(index);
        int port = history.setup().instances().get(index) == History.Mode.REFUSES ? rig.deadPort : instance.port();
        listed[index] = registry.register(instance("orders", instance.id, port), HealthCheck.none());
    }

    private static ServiceInstance instance(String service, String id, int port) {
        return ServiceInstance.builder(service)
                .id(id)
                .address("127.0.0.1", port)
                .build();
    }

    private static boolean eventually(BooleanSupplier condition) {
        if (condition.getAsBoolean()) {
            return true;
        }
        try {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(10))
                    .until(condition::getAsBoolean);
            return true;
        } catch (ConditionTimeoutException never) {
            return false;
        }
    }

    @Override
    public void close() {
        caller.close();
        fairlead.close();
        registry.close();
        rig.board.clear();
    }
}
