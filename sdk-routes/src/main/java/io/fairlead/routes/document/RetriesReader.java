// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Retries.Allowance;
import io.fairlead.balancer.Retries.Resend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads retries: {@code off}, or attempts, one allowance, and what is sent again. Stateless. */
final class RetriesReader {
    private RetriesReader() {}

    static @Nullable Retries read(PartReader part) {
        if (part.isOff()) {
            return Retries.off();
        }
        FieldsReader fields = part.fields(
                Set.of("attempts", "budget", "tokens", "quota", "resend"), "off, or an object as in '{attempts: 3}'");
        if (fields == null) {
            return null;
        }
        Retries retries = fields.with(Retries.defaults(), "attempts", ValueKind.INTEGERS, Retries::withAttempts);
        List<String> written = new ArrayList<>();
        for (String kind : List.of("budget", "tokens", "quota")) {
            PartReader allowance = fields.get(kind);
            Allowance value = allowance == null ? null : allowance(kind, allowance);
            retries = value == null ? retries : retries.withAllowance(value);
            if (allowance != null) {
                written.add(kind);
            }
        }
        if (written.size() > 1) {
            part.refuse(String.join(" and ", written) + " (expected: one of them)");
        }
        PartReader resend = fields.get("resend");
        return resend == null ? retries : resend(resend, retries);
    }

    private static @Nullable Allowance allowance(String kind, PartReader part) {
        return switch (kind) {
            case "budget" -> {
                FieldsReader parts = part.fields(Set.of("ratio", "perSecond"), "an object as in '{ratio: 0.2}'");
                yield parts == null
                        ? null
                        : part.made(() -> new Retries.Budget(
                                parts.value("ratio", ValueKind.DOUBLES, 0.2),
                                parts.value("perSecond", ValueKind.INTEGERS, 3)));
            }
            case "tokens" -> {
                FieldsReader parts = part.fields(Set.of("max", "ratio"), "an object as in '{max: 10, ratio: 0.1}'");
                yield parts == null
                        ? null
                        : part.made(() -> new Retries.Tokens(
                                parts.value("max", ValueKind.INTEGERS, 10),
                                parts.value("ratio", ValueKind.DOUBLES, 0.1)));
            }
            default -> {
                FieldsReader parts = part.fields(Set.of("max", "cost"), "an object as in '{max: 500, cost: 5}'");
                yield parts == null
                        ? null
                        : part.made(() -> new Retries.Quota(
                                parts.value("max", ValueKind.INTEGERS, 500),
                                parts.value("cost", ValueKind.INTEGERS, 5)));
            }
        };
    }

    private static Retries resend(PartReader part, Retries retries) {
        Retries sent = retries;
        Set<String> words = new TreeSet<>();
        for (Resend one : Resend.values()) {
            sent = sent.withoutResend(one);
            words.add(word(one));
        }
        List<PartReader> items = part.items("a list of " + String.join(", ", words));
        for (PartReader item : items == null ? List.<PartReader>of() : items) {
            String word = item.oneOf(words);
            for (Resend one : Resend.values()) {
                sent = word(one).equals(word) ? sent.withResend(one) : sent;
            }
        }
        return sent;
    }

    private static String word(Resend one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
