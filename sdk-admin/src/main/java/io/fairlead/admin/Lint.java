// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Finding;
import io.fairlead.api.Registration;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import java.util.List;
import java.util.SortedMap;

/** Looks for what is set up wrong. */
final class Lint {
    List<Finding> findings(
            List<Fairlead> fairleads, SortedMap<String, ServiceStatus> services, List<Registration> registrations) {
        return List.of();
    }
}
