// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * GET over HTTP/1.1 on a connection of its own, to an address the caller chose, of which only the status line is read: the
 * JDK's client resolves names itself and keeps a selector thread for each of its instances.
 */
final class HttpHealthProbe {
    /** {@code HTTP/1.1 200}: all that counts. */
    private static final int STATUS_LENGTH = 12;

    private HttpHealthProbe() {}

    static InstanceStatus check(ServiceInstance instance, InetAddress address, HealthCheck check) throws IOException {
        CheckEndpoint endpoint = check.endpoint();
        try (ProbeSocket socket = ProbeSocket.connect(address, endpoint.portOf(instance), check.timeout())) {
            if (endpoint.schemeOf(instance).equals("https")) {
                socket.secure(endpoint.serverNameOf(instance), endpoint.verifyTls(), "http/1.1");
            }
            String request = "GET " + check.target() + " HTTP/1.1\r\nHost: " + endpoint.authorityOf(instance)
                    + "\r\nUser-Agent: fairlead\r\nAccept: */*\r\nConnection: close\r\n\r\n";
            socket.out().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.out().flush();
            byte[] line = socket.in().readNBytes(STATUS_LENGTH);
            return statusOf(code(new String(line, StandardCharsets.ISO_8859_1)), check);
        }
    }

    private static InstanceStatus statusOf(int code, HealthCheck check) throws IOException {
        if (code == 429) {
            return InstanceStatus.WARNING;
        }
        if (code < 200 || code >= 300) {
            throw new IOException("GET " + check.target() + " answered " + code);
        }
        return InstanceStatus.PASSING;
    }

    private static int code(String line) throws IOException {
        boolean http = line.length() == STATUS_LENGTH && line.startsWith("HTTP/1.") && line.charAt(8) == ' ';
        int code = 0;
        for (int i = 9; http && i < STATUS_LENGTH; i++) {
            int digit = line.charAt(i) - '0';
            http = digit >= 0 && digit <= 9;
            code = code * 10 + digit;
        }
        if (!http) {
            throw new IOException("no HTTP answer");
        }
        return code;
    }
}
