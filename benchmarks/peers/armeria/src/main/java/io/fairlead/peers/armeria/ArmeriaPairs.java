// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.armeria;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import com.linecorp.armeria.common.SessionProtocol;
import io.fairlead.benchmarks.paired.Pairs;
import io.fairlead.benchmarks.paired.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A blocking GET by Armeria: three clients for three servers in turn, against one client for a group of them. */
public final class ArmeriaPairs {

    private ArmeriaPairs() {}

    /** Arguments: rounds, file to write. */
    public static void main(String[] args) throws Exception {
        try (Servers servers = Servers.start(3)) {
            List<Endpoint> endpoints = servers.ports().stream()
                    .map(port -> Endpoint.of("127.0.0.1", port))
                    .toList();
            List<BlockingWebClient> plain = endpoints.stream()
                    .map(endpoint -> WebClient.of(SessionProtocol.H1C, endpoint).blocking())
                    .toList();
            BlockingWebClient balanced = WebClient.of(
                            SessionProtocol.H1C, EndpointGroup.of(EndpointSelectionStrategy.roundRobin(), endpoints))
                    .blocking();
            AtomicInteger turn = new AtomicInteger();
            String json = new Pairs(Integer.parseInt(args[0]))
                    .variant(
                            "armeria_plain", () -> get(plain.get(Integer.remainderUnsigned(turn.getAndIncrement(), 3))))
                    .variant("armeria", () -> get(balanced))
                    .compare("armeria", "armeria_plain")
                    .run();
            Files.writeString(Path.of(args[1]), json);
        }
        System.exit(0);
    }

    private static long get(BlockingWebClient client) {
        return client.get("/v1/42").content().length();
    }
}
