// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says why there is no instance: what was asked, what was seen, what to do. */
final class NoInstanceMessages {
    private static final int MAX_LINES = 10;

    private NoInstanceMessages() {}

    static NoInstanceException notReady(ServiceList list, String registry, long waitedNanos) {
        RegistryException cause = list.interruption();
        String seen = cause == null ? "no answer yet" : cause.getMessage();
        return new NoInstanceException(
                list.service(),
                Reason.NOT_READY,
                "No list of '" + list.service() + "' yet: " + registry + " gave none within "
                        + TimeUnit.NANOSECONDS.toMillis(waitedNanos) + " ms (" + seen
                        + "). Is the registry up? awaitReady at start-up makes this visible early.");
    }

    static NoInstanceException none(ServiceList list, String registry, PickContext context) {
        ServiceStatus status = list.status();
        String state = registry + (status.stale() ? ", stale: " + status.lastError() : ", live") + ", updated "
                + status.age().toMillis() + " ms ago";
        if (list.isUnknown()) {
            return new NoInstanceException(
                    list.service(),
                    Reason.UNKNOWN_SERVICE,
                    "No service is called '" + list.service() + "' in " + state + ".");
        }
        if (status.instances().isEmpty()) {
            String rejection = list.lastRejection();
            return new NoInstanceException(
                    list.service(),
                    Reason.EMPTY,
                    "Service '" + list.service() + "' has no instance "
                            + (rejection == null ? "now" : "that may be called, as " + rejection) + " (" + state
                            + ").");
        }
        StringBuilder text = new StringBuilder("No instance of '" + list.service() + "' can take this call: "
                + status.instances().size() + " known, 0 usable.");
        status.instances().stream().limit(MAX_LINES).forEach(view -> text.append(line(view, context)));
        if (status.instances().size() > MAX_LINES) {
            text.append("\n  … and ")
                    .append(status.instances().size() - MAX_LINES)
                    .append(" more");
        }
        return new NoInstanceException(list.service(), Reason.ALL_GUARDED, text + "\nRegistry: " + state + ".");
    }

    private static String line(InstanceView view, PickContext context) {
        String why = context.excludes(view.instance())
                ? "tried before by this call"
                : view.instance().status().isUsable()
                        ? "guard " + view.guardState() + (view.nanosToProbe() > 0 ? probe(view) : "")
                        : view.instance().status().toString().toLowerCase(Locale.ROOT) + " in the registry";
        return "\n  " + view.instance().id() + " " + view.instance().authority() + "  " + why;
    }

    private static String probe(InstanceView view) {
        return String.format(Locale.ROOT, ", next probe in %.1f s", view.nanosToProbe() / 1e9)
                + (view.guardReason().isEmpty() ? "" : " (" + view.guardReason() + ")");
    }
}
