// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which hosts of URLs are services: a single label that is not {@code localhost}, plus names, suffixes and a predicate
 * the user adds. A dot at the end, as of an absolute DNS name, means the same name. An immutable value.
 */
record ServiceHosts(Set<String> names, List<String> suffixes, Predicate<String> also) {

    public boolean isService(String host) {
        String name = spelt(host);
        return names.contains(name) || isSingleLabel(name) || hasSuffix(name) || also.test(name);
    }

    /** The service a host names: lower case, root dot and a known suffix taken off. */
    public String serviceOf(String host) {
        String name = spelt(host);
        if (names.contains(name)) {
            return name;
        }
        for (String suffix : suffixes) {
            if (name.endsWith(suffix) && name.length() > suffix.length()) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    private static String spelt(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.length() > 1 && name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private boolean hasSuffix(String name) {
        for (String suffix : suffixes) {
            if (name.endsWith(suffix) && name.length() > suffix.length()) {
                return true;
            }
        }
        return false;
    }

    /** Colons stand in IPv6 literals, and no service is a bare number. */
    private static boolean isSingleLabel(String name) {
        return !name.isEmpty()
                && name.indexOf('.') < 0
                && name.indexOf(':') < 0
                && !name.equals("localhost")
                && !name.chars().allMatch(Character::isDigit);
    }
}
