// SPDX-License-Identifier: Apache-2.0
/** What the adapters of HTTP clients share; exported to them alone. */
package io.fairlead.balancer.http;
