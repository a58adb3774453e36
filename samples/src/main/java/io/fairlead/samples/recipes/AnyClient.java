// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Any client of any protocol: the pipeline picks, limits, retries and learns; the lambda sends. */
public final class AnyClient {
    private AnyClient() {}

    /** One line over TCP, on the caller's thread. A refused connection goes to another instance. */
    public static String ask(Fairlead fairlead, String question) throws IOException {
        return fairlead.call("oracle", attempt -> {
            try (Socket socket =
                    new Socket(attempt.instance().host(), attempt.instance().port())) {
                OutputStream out = socket.getOutputStream();
                out.write((question + "\n").getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                InputStream in = socket.getInputStream();
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    /** A client with futures of its own; nothing waits. Not idempotent, so sent again only if it was never sent. */
    public static CompletionStage<String> order(
            Fairlead fairlead, Function<String, CompletionStage<String>> clientOfAddress) {
        CallSpec spec = CallSpec.of("orders").notIdempotent().within(Duration.ofSeconds(2));
        return fairlead.callAsync(
                spec, attempt -> clientOfAddress.apply(attempt.instance().authority()));
    }
}
