// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.slf4j.event.Level.INFO;
import static org.slf4j.event.Level.WARN;

import java.util.Locale;
import org.slf4j.event.Level;

/**
 * What {@link LoggingListener} writes, one constant for each kind of line. {@code docs/logs.md} has a table made from this. A sentence
 * takes the service, the instance (or what else it is about), the reason and a detail, in this order.
 */
enum LogEvent {
    FIRST_LIST(INFO, "onSnapshot", "'%1$s' has its first list: %4$s", ""),
    INTERRUPTED(
            WARN,
            "onWatchInterrupted",
            "the watch of '%1$s' is interrupted, the last list is served: %4$s",
            "`RegistryException.Reason`"),
    RESTORED(INFO, "onWatchRestored", "the watch of '%1$s' works again after %4$s", ""),
    HELD(WARN, "onInstancesHeld", "'%1$s' keeps %4$s that its list lacks: %3$s", "why they are missed"),
    RELEASED(INFO, "onInstancesReleased", "'%1$s' lets go %4$s that its list lacks: %3$s", "why they are let go"),
    ENTRY_REJECTED(WARN, "onInstanceRejected", "entry %2$s of '%1$s': %3$s", "what is wrong"),
    REGISTERED(INFO, "onRegistered", "%2$s of '%1$s' is registered at %4$s", ""),
    DEREGISTERED(INFO, "onDeregistered", "%2$s of '%1$s' is deregistered", ""),
    REGISTRATION_LOST(
            WARN,
            "onRegistrationLost",
            "the registration of %2$s of '%1$s' is lost and written again: %3$s",
            "what the registry lacks or answers"),
    REGISTRATION_REPAIRED(INFO, "onRegistrationRepaired", "the registration of %2$s of '%1$s' stands again", ""),
    EJECTED(
            WARN,
            "onInstanceHealthChanged",
            "%2$s of '%1$s' is ejected by %3$s: %4$s",
            "`guard`, `peers` or `active check`"),
    RETURNED(INFO, "onInstanceHealthChanged", "%2$s of '%1$s' takes calls again: %4$s", ""),
    PANIC(WARN, "onPanic", "'%1$s' panics: so few of its instances are usable that calls go to all of them", ""),
    PANIC_OVER(INFO, "onPanic", "'%1$s' panics no more", ""),
    DEGRADED(
            WARN,
            "onServiceDegraded",
            "'%1$s' is degraded: so many of its instances are slow that slowness takes no more weight from any",
            ""),
    DEGRADED_NO_MORE(INFO, "onServiceDegraded", "'%1$s' is degraded no more", ""),
    BUDGET_EXHAUSTED(
            WARN,
            "onRetryBudgetExhausted",
            "the retry budget of '%1$s' is spent: calls that fail are not tried again",
            ""),
    GUARD_OPEN(
            WARN, "onServiceGuardChanged", "the guard of the whole service '%1$s' is %4$s: %3$s", "what the guard saw"),
    GUARD_CLOSED(
            INFO,
            "onServiceGuardChanged",
            "the guard of the whole service '%1$s' is %4$s again: %3$s",
            "what the guard saw"),
    ROUTES_CHANGED(INFO, "onRoutesChanged", "%2$s, in force: %4$s", ""),
    ROUTES_KEPT(WARN, "onRoutesKept", "%2$s: %3$s", "what is wrong, and what stays"),
    CALLBACK_FAILED(WARN, "onCallbackFailed", "%2$s: failed: %4$s", "the class of what was thrown");

    final Level level;
    final String method;
    final String sentence;

    /** What stands under {@code fairlead.reason}; empty when the line has no such key. */
    final String reason;

    LogEvent(Level level, String method, String sentence, String reason) {
        this.level = level;
        this.method = method;
        this.sentence = sentence;
        this.reason = reason;
    }

    boolean isOfAnInstance() {
        return sentence.contains("%1$s") && sentence.contains("%2$s");
    }

    /** As in {@code entry rejected}. */
    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
