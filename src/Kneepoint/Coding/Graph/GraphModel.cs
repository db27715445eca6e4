using System.Numerics;
using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Graph;

/// <summary>Predicts the bytes of a model's graph: names, operators, attributes, shapes.</summary>
/// <remarks>
/// Predictions come from up to five bytes before, from the place in the format (message, field, operator, attribute), from the names that stood in the same place before,
/// and from the longest earlier repetition; they are mixed (<see cref="Mixer"/>). Source: context mixing of [Mahoney2005]; the contexts of the format are ours.
/// Cost: about 2 µs for a byte. Allocates its tables once.
/// </remarks>
sealed class GraphModel
{
    const int Orders = 6;
    const int Places = 7;
    const int Contexts = Orders + Places;
    const int Limit = 255;
    const int Bias = 128;
    const int LeastMatch = 4;
    const int MostMatch = 31;

    readonly uint[] _states;
    readonly int _tableBits;
    readonly uint[] _bases = new uint[Contexts];
    readonly int[] _slots = new int[Contexts];
    readonly int[] _inputs = Mixer.NewInputs(Contexts + 2);
    readonly Mixer _byMatch = new(Contexts + 2, (MostMatch + 1) * 3, 6, 65536 / 4);
    readonly Mixer _byPlace = new(Contexts + 2, 16 * 32, 6, 65536 / 4);
    readonly uint[] _matchStates = new uint[(MostMatch + 1) * 2];
    readonly int[] _heads;
    readonly List<byte> _history;
    int _matchPlace;
    int _matchLength;

    /// <summary>A model that has seen nothing.</summary>
    /// <param name="bytes">How many bytes will come, which sizes its tables.</param>
    public GraphModel(long bytes)
    {
        _tableBits = Math.Clamp(BitOperations.Log2((ulong)Math.Max(bytes, 1)) + 4, 14, 18);
        _states = new uint[Contexts << _tableBits];
        Array.Fill(_states, AdaptiveBit.Fresh);
        Array.Fill(_matchStates, AdaptiveBit.Fresh);
        _heads = new int[1 << 16];
        _history = new List<byte>((int)Math.Min(bytes, 1 << 16));
    }

    /// <summary>Carries one byte.</summary>
    /// <param name="coder">Writes, reads or counts.</param>
    /// <param name="value">The byte; a reader ignores it.</param>
    /// <param name="at">Where the byte is; it is not told of the byte.</param>
    /// <returns>The byte, as given or as read.</returns>
    public byte Code(IBitCoder coder, byte value, WireTracker at)
    {
        SetContexts(at);
        int partial = 1;
        for (int i = 7; i >= 0; i--)
        {
            int bit = Bit(coder, (value >> i) & 1, partial, at);
            partial = (partial << 1) | bit;
        }

        byte coded = (byte)partial;
        Learn(coded);
        return coded;
    }

    int Bit(IBitCoder coder, int bit, int partial, WireTracker at)
    {
        int expected = -1, matchState = 0;
        if (_matchLength > 0)
        {
            int predicted = _history[_matchPlace] | 256;
            int depth = BitOperations.Log2((uint)partial);
            if (predicted >> (8 - depth) == partial) expected = (predicted >> (7 - depth)) & 1;
            else _matchLength = 0;
        }

        for (int i = 0; i < Contexts; i++)
        {
            uint hash = (_bases[i] + (uint)partial * 0x9E3779B1) * 0x85EBCA6B;
            int slot = (i << _tableBits) + (int)(hash >> (32 - _tableBits));
            _slots[i] = slot;
            uint state = _states[slot];
            _inputs[i] = Logistic.Stretch(AdaptiveBit.Probability(state));
        }

        int matched = 0;
        if (expected >= 0)
        {
            matchState = Math.Min(_matchLength, MostMatch) * 2 + expected;
            matched = Logistic.Stretch(AdaptiveBit.Probability(_matchStates[matchState]));
        }

        _inputs[Contexts] = matched;
        _inputs[Contexts + 1] = Bias;
        int matchSet = (expected >= 0 ? Math.Min(_matchLength, MostMatch) : 0) * 3 + Math.Min(BitOperations.Log2((uint)partial), 2);
        int placeSet = (int)at.Kind * 32 + Math.Min(at.Field, 15) * 2 + (at.In == WireTracker.Phase.Leaf ? 1 : 0);
        int logOddsOfAll = (_byMatch.Mix(_inputs, matchSet) + _byPlace.Mix(_inputs, placeSet)) / 2;
        uint probability = Logistic.Squash(logOddsOfAll);
        bit = coder.Code(bit, probability);
        _byMatch.Update(_inputs, bit);
        _byPlace.Update(_inputs, bit);
        for (int i = 0; i < Contexts; i++) AdaptiveBit.Update(ref _states[_slots[i]], bit, Limit);
        if (expected >= 0)
        {
            AdaptiveBit.Update(ref _matchStates[matchState], bit, Limit);
            if (expected != bit) _matchLength = 0;
        }

        return bit;
    }

    void SetContexts(WireTracker at)
    {
        uint hash = 0;
        for (int i = 0; i < Orders; i++)
        {
            _bases[i] = Hash((uint)i, hash);
            int back = _history.Count - 1 - i;
            hash = (hash + (back >= 0 ? _history[back] + 1u : 0u)) * 0x2C9277B5;
        }

        int last = _history.Count > 0 ? _history[^1] : 0;
        uint place = ((uint)at.Kind << 24) | ((uint)(at.Field & 0xFF) << 16) | ((uint)at.In << 12);
        uint index = (uint)Math.Min(at.Index, 255);
        bool isText = at.In == WireTracker.Phase.Leaf;
        _bases[Orders] = Hash(10, place | index);
        _bases[Orders + 1] = Hash(11, place | (uint)last, (uint)at.PreviousField);
        _bases[Orders + 2] = Hash(12, place | index, at.Attribute, at.Operator, (uint)at.PreviousField);
        _bases[Orders + 3] = Hash(13, place, at.Attribute, isText ? at.LeafHash : index, (uint)last);
        _bases[Orders + 4] = Hash(14, place | (uint)(at.SameFieldByte + 1), (uint)last);
        _bases[Orders + 5] = Hash(15, place | (uint)(at.OutputByte + 1), (uint)(at.SameFieldByte + 1), index);
        _bases[Orders + 6] = Hash(16, place, isText ? at.LeafHash : (uint)last, (uint)at.PreviousField);
    }

    void Learn(byte value)
    {
        _history.Add(value);
        if (_matchLength > 0)
        {
            _matchPlace++;
            _matchLength++;
        }

        if (_history.Count < LeastMatch) return;
        ref int head = ref _heads[Head()];
        if (_matchLength == 0 && head > 0) Match(head);
        head = _history.Count;
    }

    void Match(int place)
    {
        int length = 0;
        while (length < MostMatch && length < place && _history[place - 1 - length] == _history[_history.Count - 1 - length]) length++;
        if (length < LeastMatch) return;
        _matchPlace = place;
        _matchLength = length;
    }

    int Head()
    {
        uint hash = 0;
        for (int i = 1; i <= LeastMatch; i++) hash = (hash << 8) | _history[^i];
        return (int)(hash * 0x9E3779B1 >> 16);
    }

    static uint Hash(uint seed, uint a, uint b = 0, uint c = 0, uint d = 0)
    {
        uint hash = (seed + 1) * 0x9E3779B1;
        hash = BitOperations.RotateLeft((hash ^ a) * 0x85EBCA6B, 13);
        hash = BitOperations.RotateLeft((hash ^ b) * 0xC2B2AE35, 15);
        hash = BitOperations.RotateLeft((hash ^ c) * 0x27D4EB2F, 11);
        return (hash ^ d) * 0x165667B1;
    }
}
