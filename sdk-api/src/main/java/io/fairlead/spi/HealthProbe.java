// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One way to look whether an instance is well. Blocks for at most the check's timeout; what it throws is a failure. */
interface HealthProbe {
    InstanceStatus check(ServiceInstance instance, HealthCheck check) throws Exception;

    static HealthProbe of(HealthCheck.Kind kind) {
        return switch (kind) {
            case HTTP -> http();
            case TCP -> HealthProbe::tcp;
            case GRPC -> GrpcHealthProbe::check;
            case NONE, TTL -> (instance, check) -> InstanceStatus.PASSING;
        };
    }

    private static HealthProbe http() {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return (instance, check) -> {
            URI uri = URI.create(instance.scheme() + "://" + instance.authority() + check.target());
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(check.timeout()).build();
            CompletableFuture<Integer> answer =
                    client.sendAsync(request, BodyHandlers.discarding()).thenApply(response -> response.statusCode());
            try {
                return statusOf(answer.get(check.timeout().toNanos(), TimeUnit.NANOSECONDS));
            } finally {
                answer.cancel(true);
            }
        };
    }

    private static InstanceStatus statusOf(int code) {
        if (code == 429) {
            return InstanceStatus.WARNING;
        }
        return code >= 200 && code < 300 ? InstanceStatus.PASSING : InstanceStatus.CRITICAL;
    }

    private static InstanceStatus tcp(ServiceInstance instance, HealthCheck check) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(instance.host(), instance.port()), (int)
                    check.timeout().toMillis());
            return InstanceStatus.PASSING;
        }
    }
}
