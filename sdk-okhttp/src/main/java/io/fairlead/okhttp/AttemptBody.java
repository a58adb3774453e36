// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** A response body that ends its attempt when it is closed. */
final class AttemptBody extends ResponseBody {
    private final ResponseBody body;
    private final BufferedSource source;

    AttemptBody(ResponseBody body, Attempt attempt) {
        this.body = body;
        this.source = Okio.buffer(new ForwardingSource(body.source()) {
            @Override
            public void close() throws IOException {
                try {
                    super.close();
                } finally {
                    attempt.close();
                }
            }
        });
    }

    @Override
    public @Nullable MediaType contentType() {
        return body.contentType();
    }

    @Override
    public long contentLength() {
        return body.contentLength();
    }

    @Override
    public BufferedSource source() {
        return source;
    }
}
