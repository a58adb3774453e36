// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Judge;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.balancer.store.SnapshotStore;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One set of options of a service and what was made of them. A call takes the one in force when it begins and keeps it to
 * its end: stages, retries, and the choice its attempts pick from. When other options come into force, the choice of this
 * one stays as it is. Any thread reads; only the service's updates write.
 */
public final class ServiceSetup {
    private final ServiceOptions options;
    private final ServiceStages stages;
    private final Retries retries;
    private final long firstListNanos;
    private final @Nullable Duration timeout;
    private final @Nullable Routing routing;
    private volatile Choice choice;
    /** The choice of all, then one for each subset of the routing; no others without routes. */
    private volatile Choice[] choices;

    ServiceSetup(ServiceOptions options, ServiceStages stages, @Nullable Routing routing, Choice[] choices) {
        this.options = options;
        this.stages = stages;
        this.retries = options.retries();
        this.firstListNanos = Nanos.of(options.firstListTimeout());
        this.timeout = options.timeout().orElse(null);
        this.routing = routing;
        this.choice = choices[0];
        this.choices = choices;
    }

    public ServiceOptions options() {
        return options;
    }

    public ServiceStages stages() {
        return stages;
    }

    public Retries retries() {
        return retries;
    }

    /** The longest time of a call that comes without a shorter one; null for any. */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /** The longest wait of a call for the service's first list. */
    public long firstListNanos() {
        return firstListNanos;
    }

    /** Whether rules say where calls go. */
    public boolean isRouted() {
        return routing != null;
    }

    /** Where rules send a call, for all its attempts; null when the service has no routes. */
    public @Nullable Chain route(PickContext context, RandomGenerator random, long nowNanos) {
        return routing == null ? null : routing.route(context, random, nowNanos);
    }

    /** As {@link #route}, of a call that is not routed yet, and without being counted. */
    public @Nullable Chain peek(PickContext context, RandomGenerator random, long nowNanos) {
        return routing == null ? null : routing.peek(context, random, nowNanos);
    }

    /** Whether the call's next attempt could go to an instance that it has not tried. */
    public boolean hasUntried(@Nullable Chain chain, PickContext context) {
        if (chain == null) {
            return choice.hasUntried(context);
        }
        Choice[] now = choices;
        for (int place = 1; place < chain.places(2); place++) {
            // Beyond the assigned subset nobody is used whom no picker has.
            if (now[chain.choice(place)].hasUntriedInTiers(context)) {
                return true;
            }
        }
        return now[chain.choice(0)].hasUntried(context);
    }

    /**
     * Before a call's first attempt is sent: has the client send a copy of the call, if its rule wants one. Nobody waits for it.
     */
    public void copy(Chain chain, CallSpec call, Judge<?> client, Environment environment, long nowNanos) {
        Mirroring mirroring = chain.mirroring();
        if (mirroring != null) {
            mirroring.copy(choices[mirroring.choice()], call, client, environment, nowNanos);
        }
    }

    @Nullable
    Routing routing() {
        return routing;
    }

    /** Whether so few instances are usable, of all or of a subset, that all of them are used. */
    boolean panics() {
        return routing == null ? choice.panic() : routing.panics(choices);
    }

    Choice choice() {
        return choice;
    }

    /** Not to be written to. */
    Choice[] choices() {
        return choices;
    }

    void choose(Choice[] made) {
        choice = made[0];
        choices = made;
    }

    /**
     * Other options of a service, and everything that a user's code makes of them: ready to be put in force, or dropped.
     *
     * @param base what was in force when this was made
     * @param guard the guard of the whole service
     * @param instances null when nothing differs that instances or choices depend on
     */
    record Next(
            ServiceOptions options,
            ServiceSetup base,
            ServiceStages.NextGuard guard,
            @Nullable Instances instances) {

        /** The same options as before. */
        static Next same(ServiceSetup base) {
            return new Next(base.options(), base, ServiceStages.NextGuard.NONE, null);
        }

        boolean isSame() {
            return options == base.options();
        }

        /**
         * What instances have in common, where rules send calls, who chooses among them, and what was chosen.
         *
         * @param version of the members that the choice was made of
         * @param isSameGuard whether instances keep their guards as they are
         * @param adoptions what brings the guards that there were under the next options
         */
        record Instances(
                int version,
                @Nullable Routing routing,
                LatencyMemory memory,
                @Nullable LongAdder inFlight,
                List<Chooser> choosers,
                boolean isSameGuard,
                Map<InstanceState, Runnable> adoptions,
                Choice[] choices) {}
    }

    /** What a service is given: its own options, and what it shares with the others of its balancer. */
    public record Given(
            Environment environment,
            AddressPolicy addressPolicy,
            Caller caller,
            ActiveChecks.Shared checks,
            @Nullable SnapshotStore store,
            ServiceCounts counts,
            ServiceOptions service) {}
}
