using Kneepoint.Tensors;

namespace Kneepoint.Coding.Indices;

/// <summary>How the chains of a <see cref="Trellis"/> run through a plane, and the states in which they begin.</summary>
sealed class TrellisChains
{
    // In shorter chains almost any multiples fit one of the states.
    const int LeastToBegin = 12;

    /// <summary>Bits of a state.</summary>
    public const int StateBits = 5;

    readonly IndexShape _shape;
    readonly byte[] _begins;
    readonly byte[] _states;

    /// <summary>Chains that begin in state 0.</summary>
    /// <param name="shape">The plane.</param>
    /// <param name="isAlongRows">Whether they run along the rows, from one period to the next, each row anew; else down the columns.</param>
    public TrellisChains(IndexShape shape, bool isAlongRows)
    {
        (_shape, IsAlongRows) = (shape, isAlongRows);
        _begins = new byte[isAlongRows ? shape.Period : shape.Columns];
        _states = new byte[_begins.Length];
    }

    /// <summary>Whether chains run along the rows.</summary>
    public bool IsAlongRows { get; }

    /// <summary>The states in which the chains begin: of columns that go on from another part.</summary>
    public Span<byte> Begins => _begins;

    /// <summary>Whether some chain begins in another state than 0.</summary>
    public bool HasBegins => _begins.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Goes to the begin of the plane.</summary>
    public void Restart() => _begins.CopyTo(_states, 0);

    /// <summary>Goes to the begin of a row.</summary>
    public void BeginRow()
    {
        if (IsAlongRows) _begins.CopyTo(_states, 0);
    }

    /// <summary>The state before the next number of a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="place">Its place in the period.</param>
    public ref byte StateOf(int column, int place) => ref _states[IsAlongRows ? place : column];

    /// <summary>Makes multiples of indices.</summary>
    public void ToMultiples(Span<int> indices)
    {
        Restart();
        for (int i = 0; i < indices.Length; i++)
        {
            ref byte state = ref StateAt(i);
            int index = indices[i];
            indices[i] = Trellis.Multiple(state, index);
            Trellis.Advance(ref state, index);
        }
    }

    /// <summary>Finds chains of which multiples are; null if there are none.</summary>
    /// <param name="multiples">The numbers of a plane, in steps.</param>
    /// <param name="shape">The plane.</param>
    /// <param name="indices">Filled with the indices of the chains that were found; of no meaning otherwise.</param>
    public static TrellisChains? Find(ReadOnlySpan<int> multiples, IndexShape shape, Span<int> indices)
    {
        foreach (bool isAlongRows in (ReadOnlySpan<bool>)[false, true])
        {
            var chains = new TrellisChains(shape, isAlongRows);
            if (chains.ToIndices(multiples, indices)) return chains;
            if (!isAlongRows && shape.Rows >= LeastToBegin && chains.FindsBegins(multiples) && chains.ToIndices(multiples, indices)) return chains;
        }

        return null;
    }

    // False where a multiple is none that its state has.
    bool ToIndices(ReadOnlySpan<int> multiples, Span<int> indices)
    {
        Restart();
        for (int i = 0; i < multiples.Length; i++)
        {
            ref byte state = ref StateAt(i);
            if (Trellis.Index(state, multiples[i]) is not { } index) return false;
            indices[i] = index;
            Trellis.Advance(ref state, index);
        }

        return true;
    }

    // Of a number of the plane; its row begins when its first number is asked for.
    ref byte StateAt(int number)
    {
        int column = number % _shape.Columns;
        if (column == 0) BeginRow();
        return ref StateOf(column, column % _shape.Period);
    }

    bool FindsBegins(ReadOnlySpan<int> multiples)
    {
        for (int column = 0; column < _shape.Columns; column++)
        {
            int begin = 0;
            while (begin < Trellis.States && !FitsFrom(begin, multiples[column..])) begin++;
            if (begin == Trellis.States) return false;
            _begins[column] = (byte)begin;
        }

        return true;
    }

    bool FitsFrom(int state, ReadOnlySpan<int> column)
    {
        for (int i = 0; i < column.Length; i += _shape.Columns)
        {
            if (Trellis.Index(state, column[i]) is not { } index) return false;
            state = Trellis.Next(state, index);
        }

        return true;
    }
}
