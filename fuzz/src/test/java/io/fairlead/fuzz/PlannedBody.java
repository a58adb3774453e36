// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** A body that can be written once, or of unknown length, or breaks in the middle; it counts how often it is written. */
final class PlannedBody extends RequestBody {
    private static final int SIZE = 20_000;

    private final Board.Call call;

    PlannedBody(Board.Call call) {
        this.call = call;
    }

    @Override
    public @Nullable MediaType contentType() {
        return null;
    }

    @Override
    public long contentLength() {
        return call.plan.body() == Plan.Body.UNKNOWN_LENGTH ? -1 : SIZE;
    }

    @Override
    public boolean isOneShot() {
        return call.plan.body() == Plan.Body.ONE_SHOT;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        call.written.incrementAndGet();
        sink.write(new byte[SIZE / 2]);
        if (call.plan.body() == Plan.Body.THROWS) {
            throw new IOException("the body can not be read");
        }
        sink.write(new byte[SIZE / 2]);
    }
}
