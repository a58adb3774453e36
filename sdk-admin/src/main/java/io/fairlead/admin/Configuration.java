// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.ConfigRow;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.OptionView;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The options in force, and where each comes from. Worked out once for options that stay the same. Thread-safe. */
final class Configuration {
    private static final int MOST_TEXT = 1_000;

    /** Replaced whole. */
    private volatile Map<FairleadOptions, List<ConfigRow>> known = Map.of();

    List<ConfigRow> rows(List<Fairlead> fairleads) {
        Map<FairleadOptions, List<ConfigRow>> before = known;
        Map<FairleadOptions, List<ConfigRow>> now = new IdentityHashMap<>();
        List<ConfigRow> rows = new ArrayList<>();
        for (Fairlead fairlead : fairleads) {
            FairleadOptions options = fairlead.options();
            List<ConfigRow> its = before.get(options);
            its = its == null ? read(options) : its;
            now.put(options, its);
            rows.addAll(its);
        }
        known = now;
        return rows;
    }

    private static List<ConfigRow> read(FairleadOptions options) {
        try {
            return options.view().stream().map(Configuration::row).toList();
        } catch (RuntimeException | Error usersOwn) {
            // A policy or guard of a user's says in its own words what it is.
            return List.of(
                    new ConfigRow("options", "not read: " + usersOwn.getClass().getName(), "common", ""));
        }
    }

    private static ConfigRow row(OptionView each) {
        String key = each.service() == null ? each.name() : each.service() + "." + each.name();
        return new ConfigRow(key, shortened(each.value()), EventLog.word(each.origin()), shortened(each.standard()));
    }

    private static String shortened(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "…";
    }
}
