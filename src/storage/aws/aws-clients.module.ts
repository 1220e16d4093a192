import { Module } from '@nestjs/common';
import { AwsClients } from './aws-clients';

/**
 * A module of its own, because Nest runs the shutdown hooks of a module before those of the modules that it imports: the
 * clients are destroyed after the adapters have made their last calls.
 */
@Module({ providers: [AwsClients], exports: [AwsClients] })
export class AwsClientsModule {}
