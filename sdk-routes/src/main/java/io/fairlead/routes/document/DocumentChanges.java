// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.routes.tree.Part;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is different in two documents, in lines for people: {@code checkout.release: v42 5 → 25 %}. Rules are compared by their
 * names and weights by their share; how a document is laid out is no difference. Belongs to one comparison.
 */
public final class DocumentChanges {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final int DECIMALS = 4;

    private final List<String> lines = new ArrayList<>();

    private DocumentChanges() {}

    /** The changes from one document to another; from null for one that was not there. Both are right. */
    public static List<String> between(Part.@Nullable Fields before, Part.Fields after) {
        DocumentChanges changes = new DocumentChanges();
        Part.Fields none = new Part.Fields(after.place(), Map.of());
        Part.Fields first = before == null ? none : before;
        changes.compare("defaults", part(first, "defaults"), part(after, "defaults"));
        Part services = part(first, "services");
        Part others = part(after, "services");
        changes.services(
                services instanceof Part.Fields some ? some : none, others instanceof Part.Fields some ? some : none);
        return List.copyOf(changes.lines);
    }

    private void services(Part.Fields before, Part.Fields after) {
        for (String name : keys(before, after)) {
            Part one = part(before, name);
            Part other = part(after, name);
            if (one == null || other == null) {
                lines.add(name + ": " + (one == null ? "new" : "removed"));
            } else {
                compare(name, one, other);
            }
        }
    }

    private void compare(String path, @Nullable Part before, @Nullable Part after) {
        if (before == null) {
            if (after != null) {
                lines.add(path + ": new, " + text(after));
            }
        } else if (after == null) {
            lines.add(path + ": removed, was " + text(before));
        } else if (before instanceof Part.Fields one && after instanceof Part.Fields other) {
            for (String key : keys(one, other)) {
                field(path, key, part(one, key), part(other, key));
            }
        } else if (!text(before).equals(text(after))) {
            lines.add(path + ": " + text(before) + " → " + text(after));
        }
    }

    private void field(String path, String key, @Nullable Part before, @Nullable Part after) {
        if (key.equals("rules")) {
            rules(path, byName(before), byName(after));
        } else if (key.equals("to") && before != null && after != null) {
            shares(path, shares(before), shares(after));
        } else {
            compare(path + "." + key, before, after);
        }
    }

    private void rules(String path, Map<String, Part.Fields> before, Map<String, Part.Fields> after) {
        Set<String> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            Part.Fields one = before.get(name);
            Part.Fields other = after.get(name);
            if (one == null || other == null) {
                lines.add(path + "." + name + ": " + (one == null ? "new" : "removed"));
            } else {
                compare(path + "." + name, one, other);
            }
        }
        List<String> stayed = new ArrayList<>(before.keySet());
        stayed.retainAll(after.keySet());
        List<String> order = new ArrayList<>(after.keySet());
        order.retainAll(before.keySet());
        if (!stayed.equals(order)) {
            lines.add(path + ": rules in another order, " + String.join(", ", order));
        }
    }

    private static Map<String, Part.Fields> byName(@Nullable Part rules) {
        Map<String, Part.Fields> byName = new LinkedHashMap<>();
        if (rules instanceof Part.Items items) {
            for (Part item : items.items()) {
                if (item instanceof Part.Fields rule && part(rule, "name") instanceof Part.Text name) {
                    byName.put(name.text(), rule);
                }
            }
        }
        return byName;
    }

    private void shares(String path, Map<String, BigDecimal> before, Map<String, BigDecimal> after) {
        Set<String> subsets = new LinkedHashSet<>(after.keySet());
        subsets.addAll(before.keySet());
        List<String> moved = new ArrayList<>();
        for (String subset : subsets) {
            BigDecimal one = before.getOrDefault(subset, BigDecimal.ZERO);
            BigDecimal other = after.getOrDefault(subset, BigDecimal.ZERO);
            if (one.compareTo(other) != 0) {
                moved.add(subset + " " + one.toPlainString() + " → " + other.toPlainString() + " %");
            }
        }
        if (!moved.isEmpty()) {
            lines.add(path + ": " + String.join(", ", moved));
        }
    }

    /** The share of each destination, in per cent. */
    private static Map<String, BigDecimal> shares(Part to) {
        Map<String, BigDecimal> weights = new LinkedHashMap<>();
        if (to instanceof Part.Items items) {
            for (Part item : items.items()) {
                if (item instanceof Part.Fields fields
                        && part(fields, "subset") instanceof Part.Text subset
                        && part(fields, "weight") instanceof Part.Text weight) {
                    weights.put(subset.text(), new BigDecimal(weight.text()));
                }
            }
        } else {
            weights.put(text(to), BigDecimal.ONE);
        }
        BigDecimal sum = weights.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        weights.replaceAll(
                (subset, weight) -> plain(weight.multiply(HUNDRED).divide(sum, DECIMALS, RoundingMode.HALF_UP)));
        return weights;
    }

    private static BigDecimal plain(BigDecimal share) {
        return share.signum() == 0 ? BigDecimal.ZERO : share.stripTrailingZeros();
    }

    private static @Nullable Part part(Part.Fields fields, String key) {
        Part.Field field = fields.fields().get(key);
        return field == null ? null : field.value();
    }

    private static Set<String> keys(Part.Fields one, Part.Fields other) {
        Set<String> keys = new LinkedHashSet<>(one.fields().keySet());
        keys.addAll(other.fields().keySet());
        return keys;
    }

    /** A part as YAML in one line would have it; a list of one is that one. */
    private static String text(Part part) {
        if (part instanceof Part.Text text) {
            return text.text();
        }
        if (part instanceof Part.Items items) {
            List<String> texts =
                    items.items().stream().map(DocumentChanges::text).toList();
            return texts.size() == 1 ? texts.get(0) : "[" + String.join(", ", texts) + "]";
        }
        List<String> texts = new ArrayList<>();
        ((Part.Fields) part).fields().forEach((key, field) -> texts.add(key + ": " + text(field.value())));
        return "{" + String.join(", ", texts) + "}";
    }
}
