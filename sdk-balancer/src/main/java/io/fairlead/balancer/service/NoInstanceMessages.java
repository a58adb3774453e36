// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.spi.kit.NearestName;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says why there is no instance: what was asked, what was seen, what to do. Immutable.
 *
 * @param registry says what it calls itself
 * @param known gives the services that exist, for a hint at a misspelt name; the registry is not asked
 */
record NoInstanceMessages(Registry registry, Supplier<List<String>> known) {
    private static final int MAX_LINES = 10;

    NoInstanceException notReady(
            String service, @Nullable RegistryException cause, @Nullable Throwable unusable, long waitedNanos) {
        String seen = cause == null ? "no answer yet" : cause.getMessage();
        if (unusable != null) {
            return new NoInstanceException(
                    service,
                    Reason.NOT_READY,
                    "No list of '" + service + "' yet: " + registry.description()
                            + " gave one that could not be used, as " + unusable);
        }
        return new NoInstanceException(
                service,
                Reason.NOT_READY,
                "No list of '" + service + "' yet: " + registry.description() + " gave none within "
                        + TimeUnit.NANOSECONDS.toMillis(waitedNanos) + " ms (" + seen
                        + "). Is the registry up? awaitReady at start-up makes this visible early.");
    }

    /**
     * Rules sent a call to where nobody is.
     *
     * @param rule its name
     * @param searched the subsets that may answer, in order, as in {@code canary (tags [canary])}
     * @param others how many instances other subsets have, by name
     */
    NoInstanceException subsetEmpty(
            ServiceStatus status, String rule, List<String> searched, Map<String, Integer> others) {
        StringJoiner some = new StringJoiner(", ").setEmptyValue("none");
        others.forEach((name, count) -> some.add("'" + name + "' (" + count + ")"));
        return new NoInstanceException(
                status.service(),
                Reason.SUBSET_EMPTY,
                "No instance of '" + status.service() + "' is in a subset that may take this call: rule '" + rule
                        + "' sends it to " + String.join(", else to ", searched) + "; of "
                        + status.instances().size() + " known nobody fits. Subsets that have instances: " + some + ".");
    }

    /**
     * No instance can take a call.
     *
     * @param isUnknown whether the service never had one
     * @param rejection what was wrong with the address of one that is listed, or null
     * @param explanations of so many instances
     */
    NoInstanceException none(
            ServiceStatus status,
            boolean isUnknown,
            @Nullable String rejection,
            IntFunction<Explanation> explanations) {
        String service = status.service();
        String state =
                registry.description() + (status.stale() ? ", stale: " + status.lastError() : ", live") + ", revision "
                        + status.revision() + ", updated " + status.age().toMillis() + " ms ago";
        if (isUnknown) {
            List<String> inUse = known.get();
            String hint = NearestName.hint(service, inUse);
            return new NoInstanceException(
                    service,
                    Reason.UNKNOWN_SERVICE,
                    "No service is called '" + service + "' in " + state + (hint.isEmpty() ? "." : hint)
                            + (inUse.isEmpty() ? "" : " In use: " + String.join(", ", inUse) + "."));
        }
        if (status.instances().isEmpty()) {
            return new NoInstanceException(
                    service,
                    Reason.EMPTY,
                    "Service '" + service + "' has no instance "
                            + (rejection == null ? "now" : "that may be called, as " + rejection) + " (" + state
                            + ").");
        }
        Explanation explanation = explanations.apply(MAX_LINES);
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
