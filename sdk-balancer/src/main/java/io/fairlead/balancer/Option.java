// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One option: its name, what holds when nobody sets it, and how a value is shown to people.
 *
 * @param <T> its values, which are immutable
 */
record Option<T>(String name, Supplier<T> standard, Function<T, String> text) {
    Option(String name, Supplier<T> standard) {
        this(name, standard, String::valueOf);
    }

    /**
     * Refuses a value that does not hold.
     *
     * @param name option and part, as in {@code slowStart.floor}
     * @param expected what would do
     */
    static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** The options that were set, and no others. An immutable value. */
    static final class Set {
        static final Set NONE = new Set(new TreeMap<>());

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

        private Set(SortedMap<String, Entry<?>> entries) {
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

        /** An option as it holds here, which {@code origin} says unless nobody set it. */
        <T> OptionView view(@Nullable String service, Option<T> option, OptionView.Origin origin) {
            String standard = option.text().apply(option.standard().get());
            return has(option)
                    ? new OptionView(service, option.name(), option.text().apply(get(option)), origin, standard)
                    : new OptionView(service, option.name(), standard, OptionView.Origin.DEFAULT, standard);
        }

        boolean isEmpty() {
            return entries.isEmpty();
        }

        /** These with another value of one option. */
        <T> Set with(Option<T> option, T value) {
            SortedMap<String, Entry<?>> more = new TreeMap<>(entries);
            more.put(option.name(), new Entry<>(option, Objects.requireNonNull(value, option.name())));
            return new Set(more);
        }

        /** These, and where they say nothing those. */
        Set over(Set below) {
            SortedMap<String, Entry<?>> both = new TreeMap<>(below.entries);
            both.putAll(entries);
            return new Set(both);
        }

        /** These without what holds anyway. */
        Set withoutStandard() {
            SortedMap<String, Entry<?>> others = new TreeMap<>();
            entries.forEach((name, entry) -> {
                if (!entry.isStandard()) {
                    others.put(name, entry);
                }
            });
            return new Set(others);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Set set && set.entries.equals(entries);
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
}
