// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The address policy judges what a name resolves to; nothing reaches a refused address. */
@Tag("slow")
class ResolvedAddressTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final WireMockServer server =
            new WireMockServer(WireMockConfiguration.options().dynamicPort());
    private MemoryRegistry registry;

    @BeforeEach
    void start() {
        server.start();
        server.stubFor(WireMock.any(WireMock.anyUrl()).willReturn(WireMock.ok("hello")));
        ServiceInstance byName = ServiceInstance.builder("orders")
                .id("one")
                .address("localhost", server.port())
                .build();
        registry = MemoryRegistry.create();
        registry.register(byName, HealthCheck.none()).idle();
    }

    @AfterEach
    void stop() {
        registry.close();
        server.stop();
    }

    @Test
    void aNameThatResolvesToARefusedAddressIsNotConnectedTo() {
        assertThatThrownBy(() -> call(AddressPolicy.defaults()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("loopback address");
        assertThat(server.getAllServeEvents()).isEqualTo(List.of());
    }

    @Test
    void andToAnAllowedOneIs() throws IOException {
        assertThat(call(AddressPolicy.defaults().allowLoopback())).isEqualTo("hello");
    }

    private String call(AddressPolicy policy) throws IOException {
        try (Fairlead fairlead =
                Fairlead.builder(registry).addressPolicy(policy).build()) {
            OkHttpClient client = DiscoveryOkHttp.newClient(fairlead);
            try (Response response = client.newCall(
                            new Request.Builder().url("http://orders/").build())
                    .execute()) {
                return response.body().string();
            } finally {
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
            }
        }
    }
}
