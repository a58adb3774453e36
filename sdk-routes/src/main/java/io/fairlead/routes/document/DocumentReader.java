// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.route.Routes;
import io.fairlead.routes.tree.DocumentProblems;
import io.fairlead.routes.tree.Part;
import io.fairlead.routes.tree.Position;
import io.fairlead.routes.tree.TreeReader;
import io.fairlead.spi.kit.ServiceNames;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads a document whole, or says all that is wrong with it. Stateless, safe for any thread. */
public final class DocumentReader {
    private static final String API_VERSION = "fairlead/v1";
    private static final int LONGEST_VERSION = 128;
    private static final Set<String> KEYS = Set.of("apiVersion", "version", "defaults", "services");
    private static final Set<String> DEFAULTS_KEYS = Set.copyOf(OptionsReader.keys());
    private static final Set<String> SERVICE_KEYS = with(DEFAULTS_KEYS, RoutesReader.KEYS);

    private DocumentReader() {}

    /**
     * What a document says of a service, or of all.
     *
     * @param options changes what code says
     * @param routes null when it says nothing
     */
    public record Said(
            UnaryOperator<ServiceOptions> options, @Nullable Routes routes) {}

    /**
     * A document that is right.
     *
     * @param version what its author calls it; empty when it has no name
     * @param tree what stands there
     */
    public record Whole(String version, Said defaults, Map<String, Said> services, Part.Fields tree) {}

    /** The document; null when there are problems, each of which was added. */
    public static @Nullable Whole read(byte[] content, DocumentProblems problems) {
        Part tree = TreeReader.read(content, problems);
        return tree == null ? null : read(tree, problems);
    }

    /** The version a document gives itself, right or wrong as it may be; empty when it has none. */
    public static String version(byte[] content) {
        Part tree = TreeReader.read(content, new DocumentProblems());
        Part.Field field = tree instanceof Part.Fields fields ? fields.fields().get("version") : null;
        return field != null
                        && field.value() instanceof Part.Text text
                        && text.text().length() <= LONGEST_VERSION
                ? text.text()
                : "";
    }

    private static @Nullable Whole read(Part tree, DocumentProblems problems) {
        PartReader root = new PartReader(tree, "", problems);
        FieldsReader fields = root.fields(KEYS, "an object with apiVersion and services");
        if (fields == null) {
            return null;
        }
        if (fields.require("apiVersion", API_VERSION)) {
            PartReader version = fields.get("apiVersion");
            String text = version == null ? null : version.text(API_VERSION);
            if (version != null && text != null && !text.equals(API_VERSION)) {
                version.refuseFor(API_VERSION);
            }
        }
        PartReader named = fields.get("version");
        String version = named == null ? "" : version(named);
        PartReader defaults = fields.get("defaults");
        FieldsReader common = defaults == null
                ? null
                : defaults.fields(DEFAULTS_KEYS, "an object with options, as in '{timeout: 2s}'");
        Said all = common == null ? new Said(options -> options, null) : said(common);
        Map<String, Said> services = services(fields);
        return problems.isEmpty() ? new Whole(version, all, services, fields.fields()) : null;
    }

    private static String version(PartReader part) {
        String expected = "a word of up to " + LONGEST_VERSION + " characters";
        String text = part.word(expected);
        if (text != null && text.length() > LONGEST_VERSION) {
            part.refuseFor(expected);
        }
        return text == null ? "" : text;
    }

    private static Map<String, Said> services(FieldsReader root) {
        Map<String, Said> services = new TreeMap<>();
        String expected = "an object as in '{orders: {…}}'; to remove all rules write 'services: {}'";
        PartReader part = root.require("services", expected) ? root.get("services") : null;
        FieldsReader named = part == null ? null : part.named(expected);
        if (named == null) {
            return services;
        }
        Map<String, Position> first = new TreeMap<>();
        named.forEach((name, service) -> {
            Position place = named.at(name);
            String known = ServiceNames.of(name).orElse(null);
            if (known == null) {
                root.whole()
                        .problems()
                        .add(
                                place,
                                service.path(),
                                "no name of a service (expected: labels of letters, digits, '-' and '_', joined by dots)");
                return;
            }
            Position before = first.putIfAbsent(known, place);
            if (before != null) {
                root.whole().problems().add(place, service.path(), "twice (first at " + before + ")");
                return;
            }
            FieldsReader fields = service.fields(SERVICE_KEYS, "an object with subsets, rules, default and options");
            if (fields != null) {
                services.put(known, said(fields));
            }
        });
        return services;
    }

    private static Said said(FieldsReader fields) {
        return new Said(OptionsReader.read(fields), RoutesReader.read(fields));
    }

    private static Set<String> with(Set<String> some, Set<String> more) {
        Set<String> all = new HashSet<>(some);
        all.addAll(more);
        return Set.copyOf(all);
    }
}
