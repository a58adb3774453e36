// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Recognises IPv6 literals (RFC 4291) without a zone id. */
final class Ipv6 {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f:.]{2,45}");

    private Ipv6() {}

    /** True for a literal without brackets; never asks a name server, because only literals may contain a colon. */
    static boolean isLiteral(String host) {
        if (!SHAPE.matcher(host).matches() || host.indexOf(':') < 0) {
            return false;
        }
        try {
            return InetAddress.getByName("[" + host + "]") != null;
        } catch (UnknownHostException notALiteral) {
            return false;
        }
    }
}
