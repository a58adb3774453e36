// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Finding;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ListSource;
import io.fairlead.balancer.ServiceStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is wrong with the list of one service. */
final class InstanceLint {
    private static final Duration LONG = Duration.ofSeconds(10);

    private InstanceLint() {}

    static void look(ServiceStatus status, List<Finding> found) {
        waiting(status, found);
        List<ServiceInstance> instances = status.instances().stream()
                .map(ServiceStatus.InstanceView::instance)
                .toList();
        if (instances.size() == 1) {
            found.add(new Finding(
                    "FL02",
                    "warning",
                    status.service(),
                    "one instance, '" + instances.get(0).id() + "'",
                    "two or more",
                    "Run another: with one there is nothing to balance and nowhere to retry"));
        }
        mixedLoopback(status.service(), instances, found);
        sameAddress(status.service(), instances, found);
    }

    /** FL01. */
    private static void waiting(ServiceStatus status, List<Finding> found) {
        String error = status.lastError();
        if (status.list().source() == ListSource.WAITING
                && (error != null || status.list().sourceFor().compareTo(LONG) > 0)) {
            found.add(new Finding(
                    "FL01",
                    "error",
                    status.service(),
                    "no list for " + status.list().sourceFor().toSeconds() + " s" + (error == null ? "" : ": " + error),
                    "an answer of the registry",
                    "Look whether the registry's address is right and whether it can be reached from here"));
        }
    }

    /** FL07, of what others registered: the others of the list are not on this machine. */
    private static void mixedLoopback(String service, List<ServiceInstance> instances, List<Finding> found) {
        boolean elsewhere = instances.stream().anyMatch(instance -> !isLoopback(instance.host()));
        instances.stream()
                .filter(instance -> elsewhere && isLoopback(instance.host()))
                .forEach(instance -> found.add(new Finding(
                        "FL07",
                        "error",
                        service + "/" + instance.id(),
                        "loopback address " + instance.authority() + " beside others that are not",
                        "an address that callers reach",
                        "Register the address of its machine")));
    }

    /** FL10. */
    private static void sameAddress(String service, List<ServiceInstance> instances, List<Finding> found) {
        Map<String, String> seen = new HashMap<>();
        for (ServiceInstance instance : instances) {
            String other = seen.putIfAbsent(instance.authority(), instance.id());
            if (other != null) {
                found.add(new Finding(
                        "FL10",
                        "warning",
                        service + "/" + instance.id(),
                        "'" + other + "' has the same address, " + instance.authority(),
                        "one id for each address",
                        "Remove the one that is gone; it gets twice its share"));
            }
        }
    }

    static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("::1") || name.matches("127(\\.\\d{1,3}){3}");
    }
}
