// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks that the OkHttp on the class path can do what the interceptor asks of it. */
final class OkHttpVersion {
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int MAJOR = 5;
    private static final int MINOR = 4;

    private OkHttpVersion() {}

    static void require(String found) {
        Matcher numbers = NUMBERS.matcher(found);
        if (numbers.matches()) {
            int major = Integer.parseInt(numbers.group(1));
            int minor = Integer.parseInt(numbers.group(2));
            if (major > MAJOR || major == MAJOR && minor >= MINOR) {
                return;
            }
        }
        throw new IllegalStateException("OkHttp " + found + " found, 5.4.0 or newer needed (DNS per call). For Maven: "
                + "com.squareup.okhttp3:okhttp-jvm; the artifact \"okhttp\" is empty for Maven since 5.0.");
    }
}
