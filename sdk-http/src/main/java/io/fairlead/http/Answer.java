// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.Attempt;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * What one hop answered, its body not read yet. Only the answer that the caller is given meets the caller's own handler; so
 * a file, a consumer or a subscriber sees one body, once. Whoever has an answer reads it or discards it.
 *
 * @param info status and headers
 * @param response the client's response
 * @param from the attempt that is in flight until the body is closed, or null for a hop to no service
 */
record Answer(
        ResponseInfo info,
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response,
        @Nullable Attempt from) {

    int status() {
        return info.statusCode();
    }

    HttpHeaders headers() {
        return info.headers();
    }

    /** Under which URL it was asked for. */
    URI real() {
        return response.request().uri();
    }

    Flow.Publisher<List<ByteBuffer>> body() {
        return response.body();
    }

    /** Its instance is done with it. */
    void close() {
        if (from != null) {
            from.close();
        }
    }
}
