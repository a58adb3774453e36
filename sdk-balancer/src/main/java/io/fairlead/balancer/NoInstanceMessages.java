// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.spi.NearestName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Says why there is no instance: what was asked, what was seen, what to do. */
final class NoInstanceMessages {
    private static final int MAX_LINES = 10;

    private NoInstanceMessages() {}

    static NoInstanceException notReady(ServiceList list, String registry, long waitedNanos) {
        RegistryException cause = list.interruption();
        String seen = cause == null ? "no answer yet" : cause.getMessage();
        Throwable unusable = list.unusable();
        if (unusable != null) {
            return new NoInstanceException(
                    list.service(),
                    Reason.NOT_READY,
                    "No list of '" + list.service() + "' yet: " + registry + " gave one that could not be used, as "
                            + unusable);
        }
        return new NoInstanceException(
                list.service(),
                Reason.NOT_READY,
                "No list of '" + list.service() + "' yet: " + registry + " gave none within "
                        + TimeUnit.NANOSECONDS.toMillis(waitedNanos) + " ms (" + seen
                        + "). Is the registry up? awaitReady at start-up makes this visible early.");
    }

    /**
     * No instance can take a call.
     *
     * @param known gives the services that exist, for a hint at a misspelt name; the registry is not asked
     */
    static NoInstanceException none(
            ServiceList list, String registry, PickContext context, Supplier<List<String>> known) {
        String service = list.service();
        ServiceStatus status = list.status();
        String state = registry + (status.stale() ? ", stale: " + status.lastError() : ", live") + ", revision "
                + status.revision() + ", updated " + status.age().toMillis() + " ms ago";
        if (list.isUnknown()) {
            List<String> inUse = known.get();
            String hint = NearestName.hint(service, inUse);
            return new NoInstanceException(
                    service,
                    Reason.UNKNOWN_SERVICE,
                    "No service is called '" + service + "' in " + state + (hint.isEmpty() ? "." : hint)
                            + (inUse.isEmpty() ? "" : " In use: " + String.join(", ", inUse) + "."));
        }
        if (status.instances().isEmpty()) {
            String rejection = list.lastRejection();
            return new NoInstanceException(
                    service,
                    Reason.EMPTY,
                    "Service '" + service + "' has no instance "
                            + (rejection == null ? "now" : "that may be called, as " + rejection) + " (" + state
                            + ").");
        }
        Explanation explanation = list.explain(context, MAX_LINES);
        StringBuilder text = new StringBuilder("No instance of '" + service + "' can take this call: "
                + explanation.known() + " known, " + explanation.usable() + " usable.");
        explanation
                .instances()
                .forEach(line ->
                        text.append("\n  ").append(line.who()).append("  ").append(line.reason()));
        if (explanation.known() > MAX_LINES) {
            text.append("\n  … and ").append(explanation.known() - MAX_LINES).append(" more");
        }
        return new NoInstanceException(service, Reason.ALL_GUARDED, text + "\nRegistry: " + state + ".");
    }
}
