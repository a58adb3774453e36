// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.io.IOException;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.ForwardingSink;
import okio.Okio;

/** The bytes of a body in memory, no more of them than it said it has. Belongs to one thread. */
final class CopiedBody extends ForwardingSink {
    private final Buffer bytes;
    private final long most;

    CopiedBody(long most) {
        this(new Buffer(), most);
    }

    private CopiedBody(Buffer bytes, long most) {
        super(bytes);
        this.bytes = bytes;
        this.most = most;
    }

    void fill(RequestBody body) throws IOException {
        try (BufferedSink sink = Okio.buffer(this)) {
            body.writeTo(sink);
        }
    }

    long size() {
        return bytes.size();
    }

    byte[] read() {
        return bytes.readByteArray();
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
        if (bytes.size() + byteCount > most) {
            throw new IOException("body: more than " + most + " bytes (expected: as many as it said)");
        }
        super.write(source, byteCount);
    }
}
