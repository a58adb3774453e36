// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** The JDK's HTTP client, with each call guided to an instance of the service it names. */
@NullMarked
module io.fairlead.http {
    requires transitive io.fairlead.balancer;
    requires transitive java.net.http;

    exports io.fairlead.http;
}
