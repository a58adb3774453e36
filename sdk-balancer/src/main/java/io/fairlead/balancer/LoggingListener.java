// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes what happens to a service to the log: that a list came, that a watch is interrupted, who is ejected and who is back, what
 * became of registrations and of documents of routes. It is on by default: the listener of {@code Environment.system()} is this one,
 * and {@link FairleadBuilder#listener} takes its place. Nothing is written per call. {@code docs/logs.md} has each kind of line with
 * its level, sentence and keys.
 *
 * <p>The logger is {@code io.fairlead.<service>}, or {@code io.fairlead} for what belongs to no service, so a level can be set for all
 * and for one. Each line is a whole sentence, and has SLF4J's keys {@code fairlead.service}, {@code fairlead.instance} and {@code
 * fairlead.reason} as far as they are known; the caller's MDC is not touched. Of one kind, service and instance there is one line a
 * minute, of one kind and service there are ten; the next one says how many were left out before it, as in {@code (and 212 more)}.
 * Others' text in a line is shortened to 300 characters and can not begin another line.
 *
 * <p>Safe for any thread; takes no lock. One that found no SLF4J provider writes nothing.
 */
public final class LoggingListener implements EventListener {
    private static final String ROOT = "io.fairlead";
    private static final int MOST_SERVICES = 10_000;
    private static final int MOST_CHANGES = 20;

    private final Ticker ticker;
    private final Function<String, Logger> loggers;
    private final Logger root;
    private final LogLimit limit;

    /** Bounded, because SLF4J keeps loggers for good, and so the names of services that somebody makes up. */
    private final Map<String, Logger> known = new ConcurrentHashMap<>();

    /** Services that had a list, so many at most: of more the first list is not told. */
    private final Set<String> listed = ConcurrentHashMap.newKeySet();

    /** With the system's clock and SLF4J's loggers. */
    public LoggingListener() {
        this(Ticker.system(), LoggerFactory::getLogger);
    }

    LoggingListener(Ticker ticker, Function<String, Logger> loggers) {
        this.ticker = ticker;
        this.loggers = loggers;
        this.root = loggers.apply(ROOT);
        this.limit = new LogLimit(ticker.nanos());
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        String service = snapshot.service();
        if (!listed.contains(service) && listed.size() < MOST_SERVICES && listed.add(service)) {
            tell(
                    LogEvent.FIRST_LIST,
                    service,
                    "",
                    "",
                    count(snapshot.instances().size()));
        }
    }

    @Override
    public void onWatchInterrupted(String service, RegistryException cause) {
        tell(LogEvent.INTERRUPTED, service, "", cause.reason().name(), cause.getMessage());
    }

    @Override
    public void onWatchRestored(String service, Duration outage) {
        tell(LogEvent.RESTORED, service, "", "", outage.toMillis() / 1000.0 + " s");
    }

    @Override
    public void onInstancesHeld(String service, int held, String reason) {
        tell(LogEvent.HELD, service, "", reason, count(held));
    }

    @Override
    public void onInstancesReleased(String service, int released, String reason) {
        tell(LogEvent.RELEASED, service, "", reason, count(released));
    }

    @Override
    public void onInstanceRejected(String service, String entry, String reason) {
        tell(LogEvent.ENTRY_REJECTED, service, entry, reason, "");
    }

    @Override
    public void onRegistered(ServiceInstance instance) {
        tell(LogEvent.REGISTERED, instance, "", instance.authority());
    }

    @Override
    public void onDeregistered(ServiceInstance instance) {
        tell(LogEvent.DEREGISTERED, instance, "", "");
    }

    @Override
    public void onRegistrationLost(ServiceInstance instance, String reason) {
        tell(LogEvent.REGISTRATION_LOST, instance, reason, "");
    }

    @Override
    public void onRegistrationRepaired(ServiceInstance instance) {
        tell(LogEvent.REGISTRATION_REPAIRED, instance, "", "");
    }

    /** Of the way out and the way back only the two ends: probes between them come and go. */
    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        if (isOut(to.state()) && !isOut(from.state())) {
            if (to.state() != State.PROBING) {
                tell(LogEvent.EJECTED, instance, to.reason(), to.evidence());
            }
        } else if (to.state().isServing() && isOut(from.state())) {
            tell(LogEvent.RETURNED, instance, "", to.describe());
        }
    }

    private static boolean isOut(State state) {
        return state == State.EJECTED || state == State.CHECK_FAILED || state == State.PROBING;
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        tell(panicking ? LogEvent.PANIC : LogEvent.PANIC_OVER, service, "", "", "");
    }

    @Override
    public void onServiceDegraded(String service, boolean degraded) {
        tell(degraded ? LogEvent.DEGRADED : LogEvent.DEGRADED_NO_MORE, service, "", "", "");
    }

    @Override
    public void onRetryBudgetExhausted(String service) {
        tell(LogEvent.BUDGET_EXHAUSTED, service, "", "", "");
    }

    /** Probes of a guard, which come and go, are left out. */
    @Override
    public void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {
        if (to == GuardState.OPEN && from != GuardState.HALF_OPEN || to == GuardState.FORCED_OPEN) {
            tell(LogEvent.GUARD_OPEN, service, "", reason, to.name());
        } else if (to != GuardState.OPEN && to != GuardState.HALF_OPEN) {
            tell(LogEvent.GUARD_CLOSED, service, "", reason, to.name());
        }
    }

    @Override
    public void onRoutesChanged(String source, List<String> changes) {
        int more = changes.size() - MOST_CHANGES;
        StringBuilder shown = new StringBuilder();
        for (String change : more > 0 ? changes.subList(0, MOST_CHANGES) : changes) {
            shown.append(shown.isEmpty() ? "" : "; ").append(LogText.oneLine(change));
        }
        write(LogEvent.ROUTES_CHANGED, "", source, "", shown + (more > 0 ? "; and " + more + " more" : ""));
    }

    @Override
    public void onRoutesKept(String source, String reason) {
        tell(LogEvent.ROUTES_KEPT, "", source, reason, "");
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        write(LogEvent.CALLBACK_FAILED, "", where, failure.getClass().getName(), LogText.of(failure));
    }

    private static String count(int instances) {
        return instances + (instances == 1 ? " instance" : " instances");
    }

    private void tell(LogEvent event, ServiceInstance instance, String reason, String detail) {
        tell(event, instance.service(), instance.id(), reason, detail);
    }

    private void tell(LogEvent event, String service, String about, String reason, @Nullable String detail) {
        write(event, service, about, reason, LogText.oneLine(detail));
    }

    /** With a detail of one line. */
    private void write(LogEvent event, String service, String about, String reason, String detail) {
        Logger logger = logger(service);
        if (!logger.isEnabledForLevel(event.level)) {
            return;
        }
        long nowNanos = ticker.nanos();
        long leftOut = limit.ask(event, service, about, nowNanos);
        if (leftOut >= 0) {
            String what = LogText.oneLine(about);
            String why = LogText.oneLine(reason);
            String sentence = event.sentence.formatted(service, what, why, detail);
            LoggingEventBuilder line = line(logger, event.level, service);
            if (event.isOfAnInstance()) {
                line = line.addKeyValue("fairlead.instance", what);
            }
            if (!why.isEmpty()) {
                line = line.addKeyValue("fairlead.reason", why);
            }
            line.log(leftOut == 0 ? sentence : sentence + " (and " + leftOut + " more)");
        }
        limit.sweep(nowNanos).forEach(this::tellLeftOut);
    }

    /** Nothing followed that could say it. */
    private void tellLeftOut(LogLimit.LeftOut untold) {
        String service = untold.topic().service();
        LogEvent event = untold.topic().event();
        String of = service.isEmpty() ? "" : " of '" + service + "'";
        line(logger(service), event.level, service)
                .log("lines '" + event.words() + "'" + of + " were left out: " + untold.lines());
    }

    private static LoggingEventBuilder line(Logger logger, Level level, String service) {
        LoggingEventBuilder line = logger.atLevel(level);
        return service.isEmpty() ? line : line.addKeyValue("fairlead.service", service);
    }

    private Logger logger(String service) {
        if (service.isEmpty()) {
            return root;
        }
        Logger found = known.get(service);
        if (found != null) {
            return found;
        }
        if (known.size() >= MOST_SERVICES) {
            return root;
        }
        Logger made = loggers.apply(ROOT + "." + service);
        known.put(service, made);
        return made;
    }
}
