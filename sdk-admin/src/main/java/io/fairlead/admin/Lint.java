// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Finding;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** Looks for what is set up wrong, over all services and in each. Codes are API: {@code docs/status-page.md} has one heading for each. */
final class Lint {
    private static final int MOST = 200;

    private Lint() {}

    static List<Finding> findings(
            SortedMap<String, Fairlead> fairleads,
            SortedMap<String, ServiceStatus> services,
            Collection<Registry> registries) {
        List<Finding> found = new ArrayList<>();
        similarNames(services, found);
        services.forEach((service, status) -> {
            Fairlead fairlead = fairleads.get(service);
            if (fairlead != null) {
                found.addAll(ofService(fairlead, status));
            }
        });
        registries.forEach(registry -> loopback(registry, found));
        return found.size() > MOST ? List.copyOf(found.subList(0, MOST)) : found;
    }

    private static List<Finding> ofService(Fairlead fairlead, ServiceStatus status) {
        List<Finding> found = new ArrayList<>();
        InstanceLint.look(status, found);
        try {
            OptionLint.look(
                    fairlead.options().forService(status.service()),
                    fairlead.statistics(status.service()),
                    status,
                    found);
        } catch (RuntimeException | Error usersOwn) {
            // A policy of a user's answers what it does with weights; what it throws is no finding about the set-up.
            return found;
        }
        return found;
    }

    /** FL03. */
    private static void similarNames(SortedMap<String, ServiceStatus> services, List<Finding> found) {
        Map<String, String> seen = new HashMap<>();
        for (String service : services.keySet()) {
            String plain = service.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
            String other = seen.putIfAbsent(plain, service);
            if (other != null) {
                found.add(new Finding(
                        "FL03",
                        "warning",
                        service,
                        "'" + other + "' and '" + service + "'",
                        "names that differ by more than case, '-', '_' and '.'",
                        "Use one name in registry and callers"));
            }
        }
    }

    /** FL07, of what this process registers: where the registry is elsewhere, so are callers. */
    private static void loopback(Registry registry, List<Finding> found) {
        if (registry.isInProcess() || !isElsewhere(registry.description())) {
            return;
        }
        for (Registration registration : registry.registrations()) {
            ServiceInstance own = registration.instance();
            if (InstanceLint.isLoopback(own.host())) {
                found.add(new Finding(
                        "FL07",
                        "error",
                        own.service() + "/" + own.id(),
                        "registered at " + own.authority() + " in " + registry.description(),
                        "an address that callers reach",
                        "Register the address of this machine"));
            }
        }
    }

    static boolean isElsewhere(String registry) {
        String where = registry.toLowerCase(Locale.ROOT);
        return where.contains("://") && !where.matches(".*(localhost|//127\\.|\\[::1\\]).*");
    }
}
