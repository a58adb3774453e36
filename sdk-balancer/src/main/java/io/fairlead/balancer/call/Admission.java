// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.service.Chain;
import io.fairlead.balancer.stage.AdaptiveThrottle;
import io.fairlead.balancer.stage.RateLimiter;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.spi.Environment;
import io.fairlead.spi.ServiceGuard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The stages outside the attempts of one call: rate limit, throttle, service guard. Remembers what the call took from each
 * and gives it back once: with the call's result, or, when no attempt was begun, as if there had been no call. One step at a
 * time, as its {@link AttemptPipeline}.
 */
final class Admission {
    private final String service;
    private final ServiceStages stages;
    private final ServiceCounts counts;
    private final Environment environment;
    /** When the call came to these stages. What it waited before, as for the first list, is not the service's time. */
    private long startNanos;

    private RateLimiter.@Nullable Reservation reservation;
    private RateLimiter.@Nullable Reservation ruleReservation;
    private boolean wasCut;
    private boolean isCounted;
    private @Nullable Object permit;
    private boolean isMade;

    Admission(String service, ServiceStages stages, ServiceCounts counts, Environment environment) {
        this.service = service;
        this.stages = stages;
        this.counts = counts;
        this.environment = environment;
    }

    /** The call comes to these stages. */
    void begin(long nowNanos) {
        startNanos = nowNanos;
    }

    /** Whether the call had to wait before its first attempt. */
    boolean hadToWait() {
        return Math.max(waitNanos(reservation), waitNanos(ruleReservation)) > 0;
    }

    /** The first attempt has begun: from now on the call counts. */
    void made() {
        isMade = true;
    }

    /**
     * Takes a token from the service's limit, then from that of the rule.
     *
     * @param rules where the call goes, or null when its service has no routes
     * @param patienceNanos how long the call may wait for them
     * @return nanoseconds it has to
     */
    long limitRate(@Nullable Chain rules, long patienceNanos) {
        RateLimiter limiter = stages.rateLimiter();
        if (limiter != null) {
            reservation =
                    reserve(limiter, Math.min(stages.maxRateWaitNanos(), patienceNanos), "more calls than allowed");
        }
        RateLimiter own = rules == null ? null : rules.limiter();
        if (rules != null && own != null) {
            ruleReservation = reserve(
                    own,
                    Math.min(rules.maxRateWaitNanos(), patienceNanos),
                    "more calls than rule '" + rules.rule().name() + "' allows");
        }
        return Math.max(waitNanos(reservation), waitNanos(ruleReservation));
    }

    private RateLimiter.Reservation reserve(RateLimiter limiter, long patienceNanos, String detail) {
        RateLimiter.Reservation made = limiter.reserve(1, patienceNanos, startNanos);
        if (made == null) {
            throw rejected(Stage.RATE_LIMIT, detail, limiter.nanosToToken(startNanos), 0);
        }
        return made;
    }

    private static long waitNanos(RateLimiter.@Nullable Reservation made) {
        return made == null ? 0 : made.waitNanos();
    }

    void throttle() {
        AdaptiveThrottle throttle = stages.throttle();
        if (throttle == null) {
            return;
        }
        if (!throttle.admits(environment.random(), startNanos)) {
            throw rejected(Stage.THROTTLE, "the service sheds load", 0, 0);
        }
        isCounted = true;
    }

    void guardService() {
        ServiceGuard guard = stages.guard();
        if (guard == null) {
            return;
        }
        permit = guard.tryAcquire(startNanos);
        if (permit == null) {
            throw rejected(
                    Stage.SERVICE_GUARD,
                    "its guard is " + guard.describe(startNanos).state(),
                    guard.describe(startNanos).nanosToProbe(),
                    0);
        }
    }

    /** A rejection, told to the listener; a call that was not made is forgotten. */
    CallRejectedException rejected(Stage stage, String detail, long retryAfterNanos, int attempts) {
        CallRejectedException rejection =
                new CallRejectedException(service, stage, detail, Duration.ofNanos(retryAfterNanos), attempts);
        if (!isMade) {
            withdraw();
        }
        counts.rejection(stage);
        environment.listener().onCallRejected(rejection);
        return rejection;
    }

    /** The call is over: what was taken is given back with what it came to. Only the first time counts. */
    void finish(Verdict last, long nowNanos) {
        Verdict judged = wasCut && last.trouble() == Verdict.Trouble.CANCELLED ? Verdict.TIMED_OUT : last;
        if (isCounted && stages.throttle() != null) {
            tellThrottle(stages.throttle(), judged.trouble());
        }
        isCounted = false;
        reservation = null;
        ruleReservation = null;
        release(judged.outcome(), nowNanos);
    }

    /** Gives the guard its permit back. The permit is forgotten first: a guard that throws must not get it twice. */
    private void release(Outcome outcome, long nowNanos) {
        Object taken = permit;
        permit = null;
        if (taken != null && stages.guard() != null) {
            stages.guard().release(taken, outcome, nowNanos - startNanos, nowNanos);
        }
    }

    /** The deadline cut an attempt. Its result then counts as a timeout of the service, not as a cancellation by the caller. */
    void cutByDeadline() {
        wasCut = true;
    }

    private void tellThrottle(AdaptiveThrottle throttle, Verdict.Trouble trouble) {
        if (trouble == Verdict.Trouble.CANCELLED) {
            throttle.withdraw(startNanos);
        } else {
            throttle.answered(!trouble.isOverload(), startNanos);
        }
    }

    /** The call is over without having been made: every stage forgets it. Nothing after {@link #finish}. */
    void withdraw() {
        long nowNanos = now();
        if (isCounted && stages.throttle() != null) {
            stages.throttle().withdraw(startNanos);
        }
        isCounted = false;
        if (reservation != null) {
            reservation.cancel(nowNanos);
        }
        if (ruleReservation != null) {
            ruleReservation.cancel(nowNanos);
        }
        reservation = null;
        ruleReservation = null;
        release(Outcome.IGNORED, nowNanos);
    }

    /** Ends the call whatever happened, for a driver's {@code finally}. */
    void close() {
        if (permit == null && !isCounted && reservation == null && ruleReservation == null) {
            return;
        }
        if (isMade) {
            finish(Verdict.UNKNOWN, now());
        } else {
            withdraw();
        }
    }

    private long now() {
        return environment.ticker().nanos();
    }
}
