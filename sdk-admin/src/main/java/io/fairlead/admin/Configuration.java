// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.ConfigRow;
import io.fairlead.balancer.Fairlead;
import java.util.List;

/** The options in force, and where each comes from. */
final class Configuration {
    List<ConfigRow> rows(List<Fairlead> fairleads) {
        return List.of();
    }
}
