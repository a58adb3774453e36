// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** The options that were set, and no others. An immutable value. */
final class OptionSet {
    static final OptionSet NONE = new OptionSet(new TreeMap<>());

    /** By name, so that they are shown in the same order always. */
    private final SortedMap<String, Entry<?>> entries;

    private record Entry<T>(Option<T> option, T value) {
        String text() {
            return option.name() + "=" + option.text().apply(value);
        }

        boolean isStandard() {
            return value.equals(option.standard().get());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry<?> entry && entry.value.equals(value);
        }

        @Override
        public int hashCode() {
            return value.hashCode();
        }
    }

    private OptionSet(SortedMap<String, Entry<?>> entries) {
        this.entries = entries;
    }

    /** What was set, or what holds else. */
    <T> T get(Option<T> option) {
        Entry<?> entry = entries.get(option.name());
        if (entry == null) {
            return option.standard().get();
        }
        // A name belongs to one option of one class, whose values only with(…) puts here.
        @SuppressWarnings("unchecked")
        T value = (T) entry.value();
        return value;
    }

    boolean has(Option<?> option) {
        return entries.containsKey(option.name());
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** These with another value of one option. */
    <T> OptionSet with(Option<T> option, T value) {
        SortedMap<String, Entry<?>> more = new TreeMap<>(entries);
        more.put(option.name(), new Entry<>(option, Objects.requireNonNull(value, option.name())));
        return new OptionSet(more);
    }

    /** These, and where they say nothing those. */
    OptionSet over(OptionSet below) {
        SortedMap<String, Entry<?>> both = new TreeMap<>(below.entries);
        both.putAll(entries);
        return new OptionSet(both);
    }

    /** These without what holds anyway. */
    OptionSet withoutStandard() {
        SortedMap<String, Entry<?>> others = new TreeMap<>();
        entries.forEach((name, entry) -> {
            if (!entry.isStandard()) {
                others.put(name, entry);
            }
        });
        return new OptionSet(others);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OptionSet set && set.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    /** As in {@code hedging=off, policy=random}. */
    @Override
    public String toString() {
        return String.join(", ", entries.values().stream().map(Entry::text).toList());
    }
}
