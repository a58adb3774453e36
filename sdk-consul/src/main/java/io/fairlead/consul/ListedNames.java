// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of one service are called. A Consul id is unique on its node only, and by default it is the service's
 * name. So: the default id always carries its node, as in {@code orders@n1}; another id stands as it is, unless it is
 * listed on several nodes when first seen. A name once given is kept, whoever comes, leaves or changes places. Not
 * thread-safe.
 */
final class ListedNames {
    private static final int LONGEST = 1_000;
    private static final int CUT = 200;
    private static final int REMEMBERED = 256;
    private static final Comparator<Key> ORDER = Comparator.comparing(Key::id).thenComparing(Key::node);

    private final String service;
    private final Map<Key, String> given = new LinkedHashMap<>(16, 0.75f, true);
    private Set<Key> live = Set.of();

    /** An entry's own identity. */
    record Key(String node, String id) {}

    ListedNames(String service) {
        this.service = service;
    }

    /** The name of each, all different; without those for whom none is left. */
    Map<Key, String> name(Set<Key> keys) {
        Map<Key, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>();
        keys.stream().filter(live::contains).forEach(key -> keep(key, names, taken));
        List<Key> others = new ArrayList<>();
        keys.stream().filter(key -> !live.contains(key)).sorted(ORDER).forEach(key -> {
            if (!keep(key, names, taken)) {
                others.add(key);
            }
        });
        Map<String, Integer> times = new HashMap<>();
        keys.forEach(key -> times.merge(key.id(), 1, Integer::sum));
        List<Key> made = new ArrayList<>();
        for (Key key : others) {
            boolean plain = !key.id().toLowerCase(Locale.ROOT).equals(service)
                    && times.getOrDefault(key.id(), 0) == 1
                    && printable(key.id()).equals(key.id());
            if (!plain || !give(key, key.id(), names, taken)) {
                made.add(key);
            }
        }
        // No made-up name takes an id that somebody really has.
        Set<String> avoided = new HashSet<>(taken);
        keys.forEach(key -> avoided.add(key.id()));
        for (Key key : made) {
            boolean alone = times.getOrDefault(key.id(), 0) == 1
                    && !key.id().toLowerCase(Locale.ROOT).equals(service)
                    && !taken.contains(key.id());
            String name = made(key, alone, avoided);
            if (name != null) {
                avoided.add(name);
                give(key, name, names, taken);
            }
        }
        live = Set.copyOf(names.keySet());
        forget();
        return names;
    }

    int remembered() {
        return given.size();
    }

    private boolean keep(Key key, Map<Key, String> names, Set<String> taken) {
        String before = given.get(key);
        return before != null && give(key, before, names, taken);
    }

    private boolean give(Key key, String name, Map<Key, String> names, Set<String> taken) {
        if (!taken.add(name)) {
            return false;
        }
        names.put(key, name);
        given.put(key, name);
        return true;
    }

    private static @Nullable String made(Key key, boolean alone, Set<String> avoided) {
        String id = printable(key.id());
        String[] candidates = {
            alone ? id : "", printable(id + "@" + key.node()), cut(id) + "@" + checksum(key.node() + '\0' + key.id())
        };
        for (String candidate : candidates) {
            if (!candidate.isEmpty() && !avoided.contains(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** The text itself when an id may read so; else what is in the way escaped, and what is too long cut. */
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isHarmless(c)) {
                printable.appendCodePoint(c);
            } else {
                printable.append(String.format("\\u%04x", c));
            }
        });
        return printable.length() <= LONGEST ? printable.toString() : cut(printable.toString()) + "~" + checksum(text);
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.FORMAT -> false;
            default -> true;
        };
    }

    private static String cut(String text) {
        return text.length() <= CUT ? text : text.substring(0, text.offsetByCodePoints(0, CUT / 2));
    }

    private static String checksum(String text) {
        CRC32C checksum = new CRC32C();
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(checksum.getValue());
    }

    /** Those who left are remembered for a while, the latest ones. */
    private void forget() {
        Iterator<Key> eldest = given.keySet().iterator();
        for (int surplus = given.size() - live.size() - REMEMBERED; surplus > 0 && eldest.hasNext(); surplus--) {
            eldest.next();
            eldest.remove();
        }
    }
}
