using Kneepoint.Data.Formats;
using Kneepoint.Data.Preprocessing;

namespace Kneepoint.Data;

/// <summary>Stages raw samples, decoding on several threads; the result does not depend on their number.</summary>
sealed class SampleStager(ISampleSource source, PartPlan plan)
{
    const int MostSamples = 256;
    const int BytesOfBlock = 16 * 1024 * 1024;

    readonly int[] _inputBytes = [.. plan.Inputs.Select(input => input.StagedBytes)];
    readonly int _targetBytes = plan.Target?.Bytes ?? 0;
    readonly bool _isSlow = source.Fields.Any(field => field.Kind == FieldKind.EncodedImage);

    /// <summary>Bytes of a staged sample.</summary>
    public long SampleBytes => _inputBytes.Sum(bytes => (long)bytes) + _targetBytes + sizeof(long);

    /// <summary>How many samples are staged at a time.</summary>
    public int BlockSamples => (int)Math.Clamp(BytesOfBlock / Math.Max(SampleBytes, 1), 1, MostSamples);

    /// <summary>Makes room for samples.</summary>
    public StagedSamples Room(int capacity) => new(capacity, _inputBytes, _targetBytes);

    /// <summary>Stages the samples of a block.</summary>
    /// <param name="block">Raw samples.</param>
    /// <param name="staged">Room for as many.</param>
    /// <param name="onBroken">Told the samples that cannot be decoded; they are left out.</param>
    /// <exception cref="DataException">A sample does not fit the network; the message says where it stands.</exception>
    public void Stage(SampleBlock block, StagedSamples staged, Action<long, string> onBroken)
    {
        string?[] broken = new string?[block.Count];
        var errors = new DataException?[block.Count];
        if (_isSlow && block.Count > 1) Parallel.For(0, block.Count, StageOne);
        else for (int sample = 0; sample < block.Count; sample++) StageOne(sample);
        staged.Count = 0;
        for (int sample = 0; sample < block.Count; sample++)
        {
            if (errors[sample] is { } error) throw new DataException($"{source.Place(block.Index(sample))}: {error.Message.TrimEnd('.')}.", error);
            if (broken[sample] is { } reason) onBroken(block.Index(sample), reason);
            else staged.Move(sample, staged.Count++);
        }

        void StageOne(int sample)
        {
            try
            {
                staged.Indices[sample] = block.Index(sample);
                for (int input = 0; input < plan.Inputs.Count && broken[sample] is null; input++)
                {
                    broken[sample] = plan.Inputs[input].Stage(block, sample, staged.Input(input, sample));
                }

                plan.Target?.Read(block, sample, staged.Target(sample));
            }
            catch (DataException exception)
            {
                errors[sample] = exception;
            }
        }
    }
}
