// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.OutagePolicy;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a service has, given what the registry says: the listed ones, and those it lacks for a suspect reason.
 * State is kept by identity, across lists and for a minute after an instance left. Both lists are sorted by id, so one walk
 * along them finds what stayed, came and went. Belongs to the service's updates.
 */
final class Reconciler {
    private static final Duration RETIRED = Duration.ofSeconds(60);
    private static final int MOST_RETIRED = 10_000;

    private OutagePolicy policy;
    private final Predicate<ServiceInstance> allowed;
    private final Function<ServiceInstance, InstanceState> factory;
    private final Cache<String, InstanceState> retired;
    private Members members;
    private List<InstanceState> touched = List.of();
    private int held;
    private int succeeded;

    /**
     * Nobody yet.
     *
     * @param sorting which tier and which subsets a member belongs to
     * @param allowed says which listed instances may be used; asked once for each newcomer
     * @param factory makes the state of an instance not seen before
     */
    Reconciler(
            OutagePolicy policy,
            Environment environment,
            Members.Sorting sorting,
            Predicate<ServiceInstance> allowed,
            Function<ServiceInstance, InstanceState> factory) {
        this.policy = policy;
        this.members = Members.none(sorting);
        this.allowed = allowed;
        this.factory = factory;
        this.retired = Caffeine.newBuilder()
                .maximumSize(MOST_RETIRED)
                .expireAfterWrite(RETIRED)
                .ticker(environment.ticker()::nanos)
                .executor(environment.executor())
                .build();
    }

    /** Other options. */
    void change(OutagePolicy outages, Members.Sorting sorting) {
        policy = outages;
        members = members.by(sorting);
    }

    /** The members, and those that left and may come back. */
    void forEachKnown(Consumer<InstanceState> action) {
        members.list().forEach(action);
        retired.asMap().values().forEach(action);
    }

    /** Listed and held instances by id. */
    Members members() {
        return members;
    }

    /** Those the last list brought, brought back or changed. */
    List<InstanceState> touched() {
        return touched;
    }

    /**
     * Adopts a list.
     *
     * @return the number of instances newly held
     */
    int adopt(ServiceSnapshot snapshot, boolean afterInterruption, long nowNanos) {
        touched = new ArrayList<>();
        List<ServiceInstance> next = snapshot.instances();
        boolean hold = !policy.isOff() && isSuspect(next, afterInterruption);
        Set<String> taken = hold || held > 0 ? authorities(next) : Set.of();
        succeeded = 0;
        Members.Next merged = new Members.Next(members, next.size() + held);
        int newlyHeld = 0;
        int heldNow = 0;
        int old = 0;
        int fresh = 0;
        while (true) {
            int same = sameFrom(old, next, fresh);
            merged.keep(old, same);
            old += same;
            fresh += same;
            if (old == members.size() && fresh == next.size()) {
                break;
            }
            int order = compare(old, next, fresh);
            InstanceState kept;
            if (order < 0) {
                InstanceState missing = members.state(old++);
                // Another instance is listed at its address, so this one can not be there any more.
                boolean isSucceeded = taken.contains(authority(missing.instance()));
                succeeded += isSucceeded && missing.listing().isHeld() ? 1 : 0;
                boolean newly = hold && !isSucceeded && mayBeHeld(missing);
                newlyHeld += newly ? 1 : 0;
                if (newly) {
                    missing.listing().hold(nowNanos);
                }
                kept = missing.listing().isHeld() && !isSucceeded ? missing : retire(missing);
            } else if (order > 0) {
                kept = admit(next.get(fresh++));
            } else {
                kept = match(members.state(old++), next.get(fresh++));
            }
            if (kept != null) {
                merged.add(kept);
                heldNow += kept.listing().isHeld() ? 1 : 0;
            }
        }
        members = merged.members();
        held = heldNow;
        return newlyHeld;
    }

    /** How many are held. */
    int held() {
        return held;
    }

    /** How many that had been held the last list let go, as another is at their address. */
    int succeeded() {
        return succeeded;
    }

    private static Set<String> authorities(List<ServiceInstance> instances) {
        Set<String> found = new HashSet<>();
        instances.forEach(instance -> found.add(authority(instance)));
        return found;
    }

    private static String authority(ServiceInstance instance) {
        return instance.authority().toLowerCase(Locale.ROOT);
    }

    /** How many from here on are listed as they were, and not held: of most nothing more need be read. */
    private int sameFrom(int old, List<ServiceInstance> next, int fresh) {
        int most = Math.min(members.size() - old, next.size() - fresh);
        int same = 0;
        while (same < most
                && members.instance(old + same) == next.get(fresh + same)
                && (held == 0 || !members.state(old + same).listing().isHeld())) {
            same++;
        }
        return same;
    }

    /** Lets go of what was held longer than the grace; the number of instances. */
    int expire(long nowNanos) {
        long grace = Nanos.of(policy.grace());
        return drop(
                state -> state.listing().isHeld() && nowNanos - state.listing().heldSinceNanos() >= grace);
    }

    /** Every held instance refuses connections: they are gone indeed; the number of instances. */
    int releaseAll() {
        return drop(state -> state.listing().isHeld());
    }

    /** The list is older than it may be; the number of instances forgotten. */
    int forgetAll() {
        return drop(state -> true);
    }

    /** Drops the state of those that left long ago; the cache would only do so when it is used again. */
    void forgetRetired() {
        retired.cleanUp();
    }

    boolean holdsAny() {
        return held > 0;
    }

    /** Whether what is missing may still live: after an interruption, or when most vanished at once. */
    private boolean isSuspect(List<ServiceInstance> next, boolean afterInterruption) {
        if (afterInterruption) {
            return true;
        }
        int missing = 0;
        int old = 0;
        int fresh = 0;
        while (old < members.size()) {
            int same = sameFrom(old, next, fresh);
            old += same;
            fresh += same;
            int order = old < members.size() ? compare(old, next, fresh) : 0;
            missing += order < 0 && mayBeHeld(members.state(old)) ? 1 : 0;
            old += order <= 0 ? 1 : 0;
            fresh += order >= 0 ? 1 : 0;
        }
        return missing >= 2 && missing * 2 > members.size() - held;
    }

    /** A copy that said it was leaving is not missing. */
    private static boolean mayBeHeld(InstanceState missing) {
        return !missing.listing().isHeld() && missing.instance().status() != InstanceStatus.DRAINING;
    }

    /** Below zero: only the old one is there, or comes first; above: only the new one. */
    private int compare(int old, List<ServiceInstance> next, int fresh) {
        if (fresh == next.size()) {
            return -1;
        }
        if (old == members.size()) {
            return 1;
        }
        ServiceInstance before = members.instance(old);
        ServiceInstance after = next.get(fresh);
        return before == after ? 0 : before.id().compareTo(after.id());
    }

    private @Nullable InstanceState match(InstanceState member, ServiceInstance listed) {
        ServiceInstance before = member.instance();
        if (before != listed) {
            if (!before.isSameCopyAs(listed)) {
                retire(member);
                return admit(listed);
            }
            member.list(listed);
            touched.add(member);
        } else if (member.listing().isHeld()) {
            touched.add(member);
        }
        member.listing().release();
        return member;
    }

    private @Nullable InstanceState admit(ServiceInstance listed) {
        if (!allowed.test(listed)) {
            return null;
        }
        InstanceState back = retired.asMap().remove(key(listed));
        if (back == null) {
            InstanceState first = factory.apply(listed);
            touched.add(first);
            return first;
        }
        back.list(listed);
        back.listing().release();
        touched.add(back);
        return back;
    }

    private @Nullable InstanceState retire(InstanceState leaving) {
        leaving.retire();
        leaving.listing().release();
        retired.put(key(leaving.instance()), leaving);
        return null;
    }

    private int drop(Predicate<InstanceState> unwanted) {
        Members before = members;
        members = before.without(state -> unwanted.test(state) && retire(state) == null);
        held = (int) Arrays.stream(members.states())
                .filter(state -> state.listing().isHeld())
                .count();
        return before.size() - members.size();
    }

    private static String key(ServiceInstance instance) {
        return instance.id() + ' ' + instance.authority();
    }
}
