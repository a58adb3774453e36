// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** The interceptor that guides each OkHttp call to an instance of the service it names. */
@NullMarked
module io.fairlead.okhttp {
    requires transitive io.fairlead.balancer;
    requires transitive okhttp3;
    requires okio;
    requires kotlin.stdlib;
    requires com.github.benmanes.caffeine;

    exports io.fairlead.okhttp;
}
