// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Where a service's redirect leads outside discovery. Whoever answers for a service could aim our calls at what only we can
 * reach; so the address policy is asked here, too.
 */
record OtherHop(HttpClient client, Fairlead fairlead) {

    /** Sends; cancelling the future cancels the exchange. */
    CompletableFuture<Answer> send(HttpRequest request, @Nullable Duration left) {
        HttpRequest towards = left == null
                ? request
                : HttpRequest.newBuilder(request, (name, value) -> true)
                        .timeout(left)
                        .build();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        fairlead.environment().executor().execute(() -> {
            try {
                if (!answer.isDone()) {
                    check(towards.uri().getHost());
                    send(towards, answer);
                }
            } catch (Throwable thrown) {
                boolean unused = answer.completeExceptionally(thrown);
            }
        });
        return answer;
    }

    /** A name that only a proxy knows is the proxy's to judge. */
    private void check(String host) throws IOException {
        AddressPolicy policy = fairlead.addressPolicy();
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException unknownHere) {
            return;
        }
        for (InetAddress address : addresses) {
            String objection = policy.objection(address);
            if (objection != null) {
                throw new UnknownHostException("redirect to " + host + ": " + objection);
            }
        }
    }

    private void send(HttpRequest towards, CompletableFuture<Answer> answer) {
        HeldBody held = new HeldBody(info -> {});
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> sent = client.sendAsync(towards, held);
        answer.whenComplete((unneeded, failure) -> {
            if (failure != null) {
                boolean unused = sent.cancel(true);
            }
        });
        sent.whenComplete((response, failure) -> {
            ResponseInfo info = held.info();
            if (failure != null || info == null) {
                held.cut();
                Throwable cause = failure == null ? new IOException("answer without headers") : failure;
                boolean unused = answer.completeExceptionally(HttpAttempts.unwrapped(cause));
            } else {
                Answer received = new Answer(info, response, null);
                if (!answer.complete(received)) {
                    Leftovers.cut(received.body());
                }
            }
        });
    }
}
