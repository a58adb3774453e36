// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.EventListener;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Instances that behave as told, and one client that calls them at a steady rate, in virtual time. */
final class Cluster implements EventListener {
    /** How an instance answers. */
    record Behaviour(double failing, Duration latency) {
        static final Behaviour WELL = new Behaviour(0, Duration.ofMillis(10));
    }

    /** One call that ended: when it began, where it went, and how. */
    record Call(Duration at, String id, boolean ok) {}

    final VirtualTime time = new VirtualTime();
    final FakeRegistry registry = new FakeRegistry(time.environment());
    final Map<String, Behaviour> behaviours = new HashMap<>();
    final List<Call> calls = new ArrayList<>();
    final List<String> changes = new ArrayList<>();
    final Fairlead fairlead;
    int withoutInstance;
    private final Map<String, Double> owed = new HashMap<>();
    private final long startNanos = time.nanos();

    Cluster(long seed, UnaryOperator<FairleadBuilder> options) {
        this.fairlead = options.apply(Fairlead.builder(registry).environment(time.environment(seed, this)))
                .build();
    }

    Cluster lists(String... ids) {
        registry.lists(ids);
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return this;
    }

    Cluster behaves(String id, double failing, int millis) {
        behaviours.put(id, new Behaviour(failing, Duration.ofMillis(millis)));
        return this;
    }

    Cluster heal() {
        behaviours.clear();
        return this;
    }

    /** Calls at a steady rate for a while; each ends when its instance answers. */
    Cluster run(Duration howLong, int perSecond) {
        long end = time.nanos() + howLong.toNanos();
        long gap = 1_000_000_000L / perSecond;
        while (time.nanos() - end < 0) {
            call();
            time.advance(Duration.ofNanos(gap));
        }
        return this;
    }

    void call() {
        Duration at = now();
        try {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            Behaviour behaviour = behaviours.getOrDefault(attempt.instance().id(), Behaviour.WELL);
            boolean ok = !failsNow(attempt.instance().id(), behaviour.failing());
            calls.add(new Call(at, attempt.instance().id(), ok));
            var unused = time.schedule(
                    () -> {
                        attempt.complete(ok ? Outcome.SUCCESS : Outcome.FAILURE);
                        attempt.close();
                    },
                    behaviour.latency().toNanos(),
                    TimeUnit.NANOSECONDS);
        } catch (NoInstanceException none) {
            withoutInstance++;
        }
    }

    /** Failures come evenly: 0.3 is never two in a row. */
    private boolean failsNow(String id, double failing) {
        double due = owed.merge(id, failing, Double::sum);
        if (due < 1 - 1e-9) {
            return false;
        }
        owed.put(id, due - 1);
        return true;
    }

    Duration now() {
        return Duration.ofNanos(time.nanos() - startNanos);
    }

    /** The calls of the last while. */
    List<Call> last(Duration howLong) {
        Duration from = now().minus(howLong);
        return calls.stream().filter(call -> call.at().compareTo(from) >= 0).toList();
    }

    double share(String id, Duration ofTheLast) {
        List<Call> recent = last(ofTheLast);
        return (double) recent.stream().filter(call -> call.id().equals(id)).count() / recent.size();
    }

    double success(Duration ofTheLast) {
        List<Call> recent = last(ofTheLast);
        return (double) recent.stream().filter(Call::ok).count() / recent.size();
    }

    InstanceHealth health(String id) {
        return fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow()
                .health();
    }

    /** The changes of these instances' health, as in {@code "b ACTIVE EJECTED"}. */
    List<String> changesOf(String... ids) {
        return changes.stream()
                .filter(line -> Arrays.asList(ids).contains(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        changes.add(instance.id() + " " + from.state() + " " + to.state());
    }
}
