// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** What a caller is told of an instance that is not there. */
class UnreachableTest {
    @Test
    void theFailureNamesTheInstanceAndItsAddressAndKeepsItsType() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        World world = new World(HttpClient.Version.HTTP_1_1, builder -> builder);
        try {
            world.add("gone", port);
            world.awaitInstances(1);
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://orders/")).build();
            assertThatThrownBy(() -> world.client.send(request, BodyHandlers.ofString()))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasMessageEndingWith("(gone at 127.0.0.1:" + port + ")");
        } finally {
            world.close();
        }
    }
}
