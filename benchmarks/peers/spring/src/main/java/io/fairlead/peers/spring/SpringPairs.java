// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.spring;

import io.fairlead.benchmarks.paired.Pairs;
import io.fairlead.benchmarks.paired.Servers;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** A GET by Spring's {@code RestClient} on the JDK's client: three plain URLs in turn, against a balanced one. */
public final class SpringPairs {

    private SpringPairs() {}

    /** Arguments: rounds, file to write. */
    public static void main(String[] args) throws Exception {
        try (Servers servers = Servers.start(3)) {
            List<ServiceInstance> instances = new ArrayList<>();
            List<URI> plain = new ArrayList<>();
            for (int port : servers.ports()) {
                instances.add(new DefaultServiceInstance("i" + port, "orders", "127.0.0.1", port, false));
                plain.add(URI.create("http://127.0.0.1:" + port + "/v1/42"));
            }
            try (ConfigurableApplicationContext application = Catalogue.with(instances)) {
                JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
                RestClient direct = RestClient.builder().requestFactory(factory).build();
                RestClient balanced = application
                        .getBean(RestClient.Builder.class)
                        .requestFactory(factory)
                        .build();
                URI logical = URI.create("http://orders/v1/42");
                AtomicInteger turn = new AtomicInteger();
                String json = new Pairs(Integer.parseInt(args[0]))
                        .variant(
                                "spring_plain",
                                () -> get(direct, plain.get(Integer.remainderUnsigned(turn.getAndIncrement(), 3))))
                        .variant("spring", () -> get(balanced, logical))
                        .compare("spring", "spring_plain")
                        .run();
                Files.writeString(Path.of(args[1]), json);
            }
        }
        System.exit(0);
    }

    private static long get(RestClient client, URI uri) {
        return client.get().uri(uri).retrieve().body(byte[].class).length;
    }
}
