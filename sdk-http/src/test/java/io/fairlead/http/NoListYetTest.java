// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.Fairlead;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The request's timeout holds before the service has a list; a call waits 30 s for one here. */
class NoListYetTest {
    private final Fairlead fairlead = Fairlead.builder(new SilentRegistry())
            .firstListTimeout(Duration.ofSeconds(30))
            .build();
    private final HttpClient client = DiscoveryHttpClient.wrap(HttpClient.newHttpClient(), fairlead);
    private final HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/"))
            .timeout(Duration.ofMillis(300))
            .build();

    @AfterEach
    void close() {
        fairlead.close();
    }

    @Test
    void theTimeoutEndsACallThatWaitsForItsFirstList() {
        long startNanos = System.nanoTime();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThatThrownBy(
                        () -> client.sendAsync(request, BodyHandlers.ofString()).get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(HttpTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void sendAsyncDoesNotWaitForTheFirstListAndCanBeCancelled() {
        CompletableFuture<HttpResponse<String>> call = client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://orders/")).build(), BodyHandlers.ofString());
        assertThat(call).isNotDone();
        assertThat(call.cancel(true)).isTrue();
    }

    /** Knows of no service, ever. */
    private static final class SilentRegistry implements Registry {
        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            return () -> {};
        }

        @Override
        public ServiceSnapshot list(String service) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> services() {
            return Set.of();
        }

        @Override
        public Registration register(ServiceInstance instance, HealthCheck check) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String description() {
            return "silent";
        }

        @Override
        public void close() {}
    }
}
